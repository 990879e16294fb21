# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Completion of gust for bash. The program itself knows what may stand where;
# file names are bash's affair.

_gust() {
	local word
	COMPREPLY=()
	while IFS= read -r word; do
		COMPREPLY+=("$word")
	done < <("${COMP_WORDS[0]}" help --complete -- \
		"${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
	# A name that wants a value is not finished.
	if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]]; then
		compopt -o nospace 2>/dev/null
	fi
}

complete -o default -F _gust gust
