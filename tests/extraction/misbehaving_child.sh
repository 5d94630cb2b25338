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
*.crashing) /bin/cat >/dev/null; kill -SEGV $$ ;;
*.leaving) exit 7 ;;
*.burning) ulimit -S -t 1; while :; do :; done ;;
esac
