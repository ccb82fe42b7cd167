# plot.gp - the medians of run.sh as bars, one panel a load: gnuplot -e "data='plot.dat'; output='plot.svg'" plot.gp
set terminal svg size 1000,640 font "sans,11" background "white"
set output output
set style fill solid 0.8 border -1
set boxwidth 0.7
set xtics rotate by -40 font ",9"
set ytics font ",9"
set grid ytics lc rgb "#dddddd"
set datafile missing "?"
unset key
set yrange [0:*]
set multiplot layout 2,4 margins 0.06,0.99,0.13,0.93 spacing 0.055,0.17
titles = "'w1: 1 producer, M/s' 'w2: 4 producers, M/s' 'w3: tasks of 1 us, M/s' 'w4: round trip p50, us' 'w4: round trip p99, us' 'w5: tree, M/s' 'w6: bytes a queued task' 'w7: a life, us'"
do for [i = 1:8] {
    if (i == 4 || i == 5 || i == 8) { set logscale y; set yrange [0.01:*] } else { unset logscale y; set yrange [0:*] }
    set title word(titles, i)
    plot data using 0:(column(i + 1)):xtic(1) with boxes lc rgb (i == 4 || i == 5 || i >= 7 ? "#b07040" : "#4070b0")
}
unset multiplot
