# manual.awk - a manual page, section 3, out of a public header: its opening comment is the description, and every
# declaration stands above the comment that the header has before it.
#
#   awk -v version=0.1.0 -f manual.awk reference/core/pool.h >deepend_pool.3
#
# What it relies on is the house's way of writing headers: "/* NAME.h - what it is", examples four spaces in, banners
# "/* --- TITLE --- */", comments before what they are about. Include guards, includes, what is there for C++ and the
# bodies of inline functions are left out.

function roff(text) {
    gsub(/\\/, "\\e", text)
    gsub(/-/, "\\-", text)
    return text ~ /^[.']/ ? "\\&" text : text
}
function begin_code() { if (!in_code) print ".PP\n.EX"; in_code = 1 }
function end_code() { if (in_code) print ".EE"; in_code = 0 }

# One line of a comment, without its stars: an example, an item of a list, or text.
function tell(line) {
    if (line ~ /^    /) { begin_code(); print roff(line); return }
    if (line ~ /^ *$/) { if (!in_code) print ".PP"; else print ""; return }
    end_code()
    if (line ~ /^- /) { print ".IP \\(bu 2"; line = substr(line, 3) }
    sub(/^ +/, "", line)
    print roff(line)
}
function plain(line) {
    sub(/^ *\/\* ?/, "", line)
    sub(/ *\*\/ *$/, "", line)
    sub(/^ \* ?/, "", line)
    sub(/^ \*$/, "", line)
    return line
}

# What has been gathered: the declarations, then what is said about them.
function flush_block(i) {
    if (codes) {
        print ".PP\n.EX"
        for (i = 1; i <= codes; i++) print roff(code[i])
        print ".EE"
    }
    if (notes) {
        print codes ? ".RS 4" : ""
        for (i = 1; i <= notes; i++) tell(note[i])
        end_code()
        if (codes) print ".RE"
    }
    codes = notes = 0
}

FNR == 1 {
    file = FILENAME; sub(/.*\//, "", file)
    module = file; sub(/\.h$/, "", module)
    room = FILENAME; sub(/\/[^\/]*$/, "", room); sub(/.*\//, "", room)
    opening = 1; name = 1
    printf ".TH \"DEEPEND_%s\" 3 \"\" \"deepend %s\" \"Deep End: %s\"\n.ad l\n.SH NAME\n", toupper(module), version, room
}
opening {
    last = /\*\/ *$/
    line = plain($0)
    if (FNR == 1) { sub(/^[^ ]+ - /, "", line); line = "deepend_" module " \\- " roff(line); print line }
    else if (name && line == "") name = 0
    else if (name) print roff(line)
    if (!name && !described) {
        library = file == "http.h" ? "deepend\\-http" : "deepend"
        printf ".SH SYNOPSIS\n.nf\n#include <deepend/%s>\n.PP\ncc ... $(pkg\\-config \\-\\-cflags \\-\\-libs %s)\n.fi\n.SH DESCRIPTION\n", roff(file), library
        described = 1
    } else if (described) tell(line)
    if (last) { end_code(); opening = 0; print ".SH DECLARATIONS" }
    next
}
in_note { note[++notes] = plain($0); if (/\*\/ *$/) in_note = 0; next }
in_body { if (/^}/) in_body = 0; next }
/^#ifdef __cplusplus/ { in_cpp = 1; next }
in_cpp { if (/^#endif/) in_cpp = 0; next }
/^#include/ || /^#(ifndef|define) DEEPEND_[A-Z_]+_H/ { next }
/^#endif/ && !codes { next }
/^\/\* ---/ { flush_block(); line = $0; gsub(/^\/\* -+ *| *-+( *\*\/)?$/, "", line); print ".SS " roff(line); if ($0 !~ /\*\//) skip_star = 1; next }
skip_star && /^ \*\// { skip_star = 0; next }
/^\/\*/ { flush_block(); note[++notes] = plain($0); if ($0 !~ /\*\/ *$/) in_note = 1; next }
/^{/ && codes && code[1] ~ /^static inline/ { code[codes] = code[codes] ";"; in_body = 1; next }
/^$/ { if (codes) flush_block(); next }
{ code[++codes] = $0 }
END {
    flush_block()
    print ".SH SEE ALSO\n.BR deepend (7)"
}
