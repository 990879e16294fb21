# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154,SC2016,SC2164,SC2103
#
# Completion: what the program offers, and that bash (and zsh, where there is
# one) ask it. Sourced by run.

# offers NAME EXPECTED WORD...: exactly that, on a line.
offers() {
	offers_name=$1 offers_expected=$2
	shift 2
	call help --complete -- "$@"
	check_equal "complete: $offers_name" \
		"$(printf '%s' "$out" | tr '\n' ' ')" "$offers_expected"
}

mkdir complete
cd complete
cat >one.yaml <<'EOF'
name: one
spouts:
  - {id: text, plugin: lines, options: {files: "${input:-x}${other}"}}
bolts:
  - {id: split, plugin: split}
  - {id: print, plugin: print}
EOF
printf 'name: [\n' >broken.yaml

offers 'a command' 'run ' ru
offers 'two of them' 'test ' te
offers 'an option of the program' '--help --version ' --
offers 'an option' '--max-tuples ' run --max
offers 'any option' '--format --define --set --help ' graph --
offers 'values of an option' 'dot ' graph --format d
offers 'by its letter' 'text dot mermaid svg ' graph -f ''
offers 'behind =' 'mermaid ' graph --format = m
offers 'just behind =' 'text dot mermaid svg ' graph --format =
offers 'in one word' '--format=mermaid ' graph --format=m
offers 'a plugin' 'split ' info spli
offers 'a key' 'topology.max.spout.pending= ' run --set topology.max
offers 'a variable' 'input= other= ' run one.yaml -D ''
offers 'a component' 'print ' dead-letters --component pr
offers 'all of this folder' 'text split print ' dead-letters -c ''
offers 'a kind' 'bolt spout ' new ''
offers 'no name' '' new bolt ''
offers 'a topic' 'topology ' help top
offers 'a file' '' run ''
offers 'of no command' '' rnu --
offers 'nothing' ''

# bash_offers NAME EXPECTED LINE
bash_offers() {
	check_equal "bash: $1" "$(PATH=$GUST_BUILD:$PATH bash --norc -c '
		. "$0"
		COMP_WORDS=($1) COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		case $1 in *" ") COMP_WORDS+=("") COMP_CWORD=$((COMP_CWORD + 1)) ;; esac
		complete -p gust >/dev/null && _gust && echo "${COMPREPLY[*]}"
	' "$GUST_SOURCE/runtime/cli/completion/gust.bash" "$3")" "$2"
}
bash_offers 'a command' 'dead-letters' 'gust dea'
bash_offers 'options' '--format --define --set --help' 'gust graph --'
bash_offers 'components' 'text split print' 'gust dead-letters --component '
bash_offers 'files are of bash' '' 'gust run '

if command -v zsh >/dev/null; then
	check_equal 'zsh: a command' "$(PATH=$GUST_BUILD:$PATH zsh -f -c '
		compadd() { echo "$@"; }
		_files() { echo files; }
		words=(gust dea) CURRENT=2
		source "$0"
	' "$GUST_SOURCE/runtime/cli/completion/_gust" | tail -1)" '-- dead-letters'
fi
cd ..
