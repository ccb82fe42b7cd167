# coverage.awk - what `gcov -b -c -t` prints, as a table by file and room: lines and branches that ran.
#
#   awk -v rooms="core scaling" -v lines=95 -v branches=85 -f coverage.awk GCOV-OUTPUT
#
# Only ROOMS are told. Ends with 1 if one of them, or their total, is below LINES or BRANCHES per cent.
#
# A line counts as covered when any object that has it (a header's inline function is in many) ran it, a branch when it was
# taken in any of them. Files are those of reference/ROOM/, so neither tests nor the system's headers count. Nothing is
# left out: the branch of an assertion that no test can take counts as one that was not taken.

function percent(part, whole) { return whole ? 100 * part / whole : 100 }
function cell(part, whole) { return sprintf("%6.1f %% %11s", percent(part, whole), (part + 0) "/" (whole + 0)) }
function row(name, key) { printf "%-44s %s   %s\n", name, cell(ran[key], all[key]), cell(taken[key], ways[key]) }
function add(key, file) { ran[key] += ran[file]; all[key] += all[file]; taken[key] += taken[file]; ways[key] += ways[file] }
function judge(name, key) {
    row(name, key)
    if (percent(ran[key], all[key]) < lines || percent(taken[key], ways[key]) < branches) {
        failed = failed "\n" name ": below " lines " % of the lines or " branches " % of the branches"
    }
}

BEGIN { count_rooms = split(rooms, room, " "); for (i = 1; i <= count_rooms; i++) wanted[room[i]] }

# "    count:  number:text"; number 0 tells what file it is.
match($0, /^ *[^: ]+: *[0-9]+:/) {
    text = substr($0, RLENGTH + 1)
    split(substr($0, 1, RLENGTH), part, ":")
    count = part[1]; number = part[2] + 0; gsub(/ /, "", count)
    branch = 0
    if (number == 0) {
        if (text !~ /^Source:/) next
        file = substr(text, 8)
        sub(/^.*\/reference\//, "reference/", file)
        while (sub(/[^\/.]+\/\.\.\//, "", file));
        split(file, part, "/")
        known = file ~ /^reference\/[^\/]+\/[^\/]+\.[ch]$/ && part[2] in wanted
        next
    }
    if (!known || count == "-") next
    files[file]
    if (!((file, number) in seen)) { seen[file, number] = 0; all[file]++ }
    if (count !~ /^[#=]/ && !seen[file, number]) { seen[file, number] = 1; ran[file]++ }
    next
}
known && /^branch +[0-9]+ / {
    if (!((file, number, ++branch) in went)) { went[file, number, branch] = 0; ways[file]++ }
    if ($3 == "taken" && $4 + 0 > 0 && !went[file, number, branch]) { went[file, number, branch] = 1; taken[file]++ }
}
END {
    printf "%-44s %20s   %20s\n", "", "lines", "branches"
    fflush()
    for (i = 1; i <= count_rooms; i++) {
        sorted = "sort"
        for (file in files) if (index(file, "reference/" room[i] "/") == 1) {
            add(room[i], file)
            name = file; sub(/^reference\//, "", name)
            printf "%-44s %s   %s\n", name, cell(ran[file], all[file]), cell(taken[file], ways[file]) | sorted
        }
        close(sorted)
    }
    print ""
    for (i = 1; i <= count_rooms; i++) { judge(room[i], room[i]); ran["*"] += ran[room[i]]; all["*"] += all[room[i]]; taken["*"] += taken[room[i]]; ways["*"] += ways[room[i]] }
    if (count_rooms != 1) judge("total", "*")
    if (!all["*"]) failed = failed "\nnothing was measured"
    if (failed != "") print failed
    exit failed != ""
}
