#!/bin/sh
# Gathers the stylesheets into two files, which index.html names:
# critical.css (inlined: what the first screen needs before any request) and app.css (linked: all the rest).
# A link per file would be twenty requests that block rendering, Trunk joins no files, and a CSS preprocessor would be
# one more tool. There is no `style` attribute anywhere: variants are classes or SVG attributes.
# Runs in frontend/, from Trunk's pre_build hook. A new file in components/ or pages/ needs no entry here.
set -eu
cd "$(dirname "$0")"
critical="tokens.css base.css components/layout.css components/button.css components/field.css pages/search.css"
mkdir -p bundled

write() { # only when it changed, so that `trunk serve` doesn't see its own work
    cmp -s "$1.new" "$1" 2>/dev/null && rm "$1.new" || mv "$1.new" "$1"
}

cat $critical > bundled/critical.css.new
write bundled/critical.css

: > bundled/app.css.new
for file in components/*.css pages/*.css; do
    case " $critical " in *" $file "*) ;; *) cat "$file" >> bundled/app.css.new ;; esac
done
write bundled/app.css
