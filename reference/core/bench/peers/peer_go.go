// peer_go.go - what one writes in Go: two goroutines that read functions from a channel. The loads are those of
// workloads.c; w5 is not offered, since goroutines that fill the channel that they empty may all be stuck.
package main

import (
	"fmt"
	"os"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	workers    = 2
	tasks      = 1000000
	shortTasks = 500000
	roundTrips = 20000
	lives      = 300
)

type pool struct {
	queue chan func()
	ended sync.WaitGroup
}

func create(room int) *pool {
	p := &pool{queue: make(chan func(), room)}
	p.ended.Add(workers)
	for i := 0; i < workers; i++ {
		go func() {
			for task := range p.queue {
				task()
			}
			p.ended.Done()
		}()
	}
	return p
}

func (p *pool) drain() {
	close(p.queue)
	p.ended.Wait()
}

func flood(producers, count int, task func()) {
	p := create(count)
	begin := time.Now()
	var all sync.WaitGroup
	all.Add(producers)
	for i := 0; i < producers; i++ {
		go func() {
			for n := 0; n < count/producers; n++ {
				p.queue <- task
			}
			all.Done()
		}()
	}
	all.Wait()
	p.drain()
	fmt.Printf("%.4f\n", float64(count)/float64(time.Since(begin).Microseconds()))
}

var sink uint64

func spin(turns int) {
	x := uint64(1)
	for i := 0; i < turns; i++ {
		x = x*6364136223846793005 + 1
	}
	if x == 0 {
		sink = x
	}
}

// How many turns of the loop above last 1 us: the best of many tries, the others were interrupted.
func calibrate() {
	const turns = 100000
	best := 1e9
	for i := 0; i < 200; i++ {
		begin := time.Now()
		spin(turns)
		if took := microseconds(time.Since(begin)); took < best {
			best = took
		}
	}
	fmt.Printf("%.0f\n", turns/best)
}

func microseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }

func roundTrip() {
	p := create(64)
	done := make(chan bool)
	took := make([]float64, roundTrips)
	for i := range took {
		begin := time.Now()
		p.queue <- func() { done <- true }
		<-done
		took[i] = microseconds(time.Since(begin))
	}
	p.drain()
	sort.Float64s(took)
	fmt.Printf("%.3f %.3f\n", took[roundTrips/2], took[roundTrips*99/100])
}

func resident() float64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		panic(err)
	}
	pages, _ := strconv.Atoi(strings.Fields(string(text))[1])
	return float64(pages * os.Getpagesize())
}

func memory() {
	begun, open := make(chan bool), make(chan bool)
	runtime.GC()
	before := resident()
	p := create(tasks + workers)
	for i := 0; i < workers; i++ {
		p.queue <- func() { begun <- true; <-open }
	}
	for i := 0; i < workers; i++ {
		<-begun
	}
	for i := 0; i < tasks; i++ {
		p.queue <- func() {}
	}
	fmt.Printf("%.1f\n", (resident()-before)/tasks)
	close(open)
	p.drain()
}

func life() {
	took := make([]float64, lives)
	for i := range took {
		begin := time.Now()
		p := create(64)
		p.queue <- func() {}
		p.queue <- func() {}
		p.drain()
		took[i] = microseconds(time.Since(begin))
	}
	sort.Float64s(took)
	fmt.Printf("%.2f\n", took[lives/2])
}

func main() {
	turns, err := strconv.Atoi(os.Getenv("BENCH_SPIN"))
	if err != nil {
		turns = 700
	}
	loads := map[string]func(){
		"w1":   func() { flood(1, tasks, func() {}) },
		"w2":   func() { flood(4, tasks, func() {}) },
		"w3":   func() { flood(1, shortTasks, func() { spin(turns) }) },
		"w4":   roundTrip,
		"w5":   func() { fmt.Println("-") },
		"w6":   memory,
		"w7":   life,
		"spin": calibrate,
	}
	if len(os.Args) != 2 || loads[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: peer-go w1|...|w7|spin")
		os.Exit(2)
	}
	loads[os.Args[1]]()
}
