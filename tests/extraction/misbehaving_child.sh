#!/bin/sh
# A child that misbehaves. The extension of its name says how.
line=$0
for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do line=$line$line; done
case "$0" in
*.deaf) kill -STOP $$ ;;
*.silent) /bin/cat >/dev/null; kill -STOP $$ ;;
*.talkative) while :; do echo "$line"; done ;;
*.babbling) /bin/cat >/dev/null; while :; do echo "$line"; done ;;
*.breaking-off) /bin/cat >/dev/null; echo '{"format":"text"' ;;
*.long-winded)
    /bin/cat >/dev/null
    printf '{"format":"text","text":"%01500000d","truncated":false,"no_text":null,"pages":null}' 0
    ;;
*.crashing) /bin/cat >/dev/null; kill -SEGV $$ ;;
*.leaving) exit 7 ;;
*.drawing)
    /bin/cat >/dev/null
    echo '{"format":"image","text":"","truncated":false,"no_text":"image","pages":null}'
    echo '"/9j/AAAA" "bm8gcGljdHVyZQ=="'
    printf '"/9j/%01500000d"' 0
    echo '"/9j/BBBB" "/9j/CCCC" "/9j/DDDD" "/9j/'
    kill -SEGV $$
    ;;
*.burning) ulimit -S -t 1; while :; do :; done ;;
esac
