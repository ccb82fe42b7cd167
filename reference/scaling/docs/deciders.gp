# deciders.gp - the plots of README.md from the data of bench_deciders.
#
#   build/bench/reference/scaling/bench/bench_deciders --data DIRECTORY
#   gnuplot -e 'data="DIRECTORY"; out="reference/scaling/docs"' reference/scaling/docs/deciders.gp
#
# Columns: seconds, arrivals a second, workers, used, wait p99, errors, in flight. A task takes 50 ms, so arrivals / 20 are
# the workers that are busy on average; at 75 % used the load needs a third more.
set terminal svg size 900,620 dynamic font "sans-serif,12" background "#ffffff"
set grid lc rgb "#dddddd"
set key outside right top
set style line 1 lc rgb "#bbbbbb" lw 3
set style line 2 lc rgb "#d62728" lw 1
set style line 3 lc rgb "#1f77b4" lw 2
set style line 4 lc rgb "#2ca02c" lw 2
set style line 5 lc rgb "#9467bd" lw 2
set style line 6 lc rgb "#ff7f0e" lw 2
need(rate) = rate / 20 / 0.75
file(load, number) = sprintf("%s/%s-%d.dat", data, load, number)

set output out."/noise.svg"
set multiplot layout 2,1
set title "Noise around half load: how often the size changes"
set ylabel "workers"; set yrange [0:120]; set xrange [0:120]
plot file("noise",1) every 2 using 1:3 with steps ls 6 title "one threshold, smoothed 10 s", \
     file("noise",0) every 2 using 1:3 with steps ls 2 title "one threshold", \
     file("noise",2) every 2 using 1:3 with steps ls 3 title "band 75/10, cooldowns"
set title "Wait, 99th percentile"
set ylabel "seconds"; set yrange [0:2]; set xlabel "seconds"
plot file("noise",1) every 2 using 1:5 with steps ls 6 title "one threshold, smoothed 10 s", \
     file("noise",0) every 2 using 1:5 with steps ls 2 title "one threshold", \
     file("noise",2) every 2 using 1:5 with steps ls 3 title "band 75/10, cooldowns"
unset multiplot; unset xlabel

set output out."/step.svg"
set multiplot layout 2,1
set title "Four times the load at 60 s"
set ylabel "workers"; set yrange [0:260]; set xrange [50:120]
plot file("step",3) using 1:(need($2)) with lines ls 1 title "needed at 75 % used", \
     file("step",3) using 1:3 with steps ls 3 title "band 75/40, cooldowns", \
     file("step",4) using 1:3 with steps ls 4 title "AIMD", \
     file("step",5) using 1:3 with steps ls 5 title "PID", \
     file("step",8) using 1:3 with steps ls 6 title "trend"
set title "Wait, 99th percentile"
set ylabel "seconds"; set yrange [0:3]; set xlabel "seconds"
plot file("step",3) using 1:5 with steps ls 3 title "band 75/40, cooldowns", \
     file("step",4) using 1:5 with steps ls 4 title "AIMD", \
     file("step",5) using 1:5 with steps ls 5 title "PID", \
     file("step",8) using 1:5 with steps ls 6 title "trend"
unset multiplot; unset xlabel

set output out."/ramp-and-sawtooth.svg"
set multiplot layout 2,1
set title "Ramp"
set ylabel "workers"; set yrange [0:150]; set xrange [0:300]
do for [load in "ramp sawtooth"] {
    if (load eq "sawtooth") { set title "Sawtooth"; set xlabel "seconds" }
    plot file(load,3) every 5 using 1:(need($2)) with lines ls 1 title "needed at 75 % used", \
         file(load,3) every 5 using 1:3 with steps ls 3 title "band 75/40, cooldowns", \
         file(load,4) every 5 using 1:3 with steps ls 4 title "AIMD", \
         file(load,5) every 5 using 1:3 with steps ls 5 title "PID", \
         file(load,9) every 5 using 1:3 with steps ls 6 title "band + timetable"
}
unset multiplot; unset xlabel

set output out."/slow-downstream.svg"
set multiplot layout 2,1
set title "The service behind is ten times as slow from 60 s to 63 s"
set ylabel "workers"; set yrange [0:280]; set xrange [50:120]
plot file("slow-downstream",0) using 1:3 with steps ls 2 lw 4 title "no breaker", \
     file("slow-downstream",1) using 1:3 with steps ls 6 title "breaker", \
     file("slow-downstream",2) using 1:3 with steps ls 3 title "breaker and vetoes"
set title "Errors, share of the tasks"
set ylabel "share"; set yrange [0:1.05]; set xlabel "seconds"
plot file("slow-downstream",0) using 1:6 with steps ls 2 lw 4 title "no breaker", \
     file("slow-downstream",1) using 1:6 with steps ls 6 title "breaker", \
     file("slow-downstream",2) using 1:6 with steps ls 3 title "breaker and vetoes"
unset multiplot; unset xlabel

set output out."/flood.svg"
unset multiplot
set terminal svg size 900,330 dynamic font "sans-serif,12" background "#ffffff"
set title "Two minutes above what 64 workers can do, then a third"
set ylabel "workers"; set yrange [0:80]; set xrange [40:300]; set xlabel "seconds"
plot file("flood",5) every 2 using 1:(need($2)) with lines ls 1 title "needed at 75 % used", \
     file("flood",7) every 2 using 1:3 with steps ls 2 title "PID without guards", \
     file("flood",5) every 2 using 1:3 with steps ls 3 title "PID, zone 10 %"
