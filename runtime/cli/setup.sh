# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154
#
# What the wrapper does when ninja alone does not do; tests/run and .ci/run use
# it too. The caller has set root and build, and say(), which takes one line.

# What is missing: packages, and a line that says what each is for. Those that
# are wanted can be done without.
missing=
missing_why=
wanted=
wanted_why=
optional=

# need COMMAND PACKAGE WHY: a program.
need() {
	command -v "$1" >/dev/null 2>&1 || missing_add "$2" "$3"
}

# need_library MODULE PACKAGE WHY: a library, by its name for pkg-config.
need_library() {
	if command -v pkg-config >/dev/null 2>&1; then
		pkg-config --exists "$1" || missing_add "$2" "$3"
	else
		need_package "$2" "$3"
	fi
}

# need_package PACKAGE WHY: what has no program and no module to look for.
need_package() {
	case $(dpkg-query -W -f '${Status}' "$1" 2>/dev/null) in
	*' installed') ;;
	*) missing_add "$1" "$2" ;;
	esac
}

missing_add() {
	if [ -n "$optional" ]; then
		wanted="$wanted $1"
		wanted_why="$wanted_why
  $1: $2"
		return
	fi
	missing="$missing $1"
	missing_why="$missing_why
  $1: $2"
}

# What a build takes.
need_build() {
	need cc gcc 'the C compiler'
	[ -e /usr/include/stdio.h ] ||
		missing_add libc6-dev 'the headers of the C library'
	need meson meson 'configures the build'
	need ninja ninja-build 'runs the build'
	need pkg-config pkg-config 'finds libraries'
	need_library nanomsg libnanomsg-dev 'carries tuples between threads'
	need_library jansson libjansson-dev 'reads and writes JSON'
	need_library yaml-0.1 libyaml-dev 'reads topologies'
	need_library libxxhash libxxhash-dev 'hashes fields'
	need_plugins
}

# What plugins take; without one of them its plugins are not built.
need_plugins() {
	optional=yes
	need_library libcurl libcurl4-openssl-dev 'http_poll, http_post'
	need_library lmdb liblmdb-dev 'keyed state in LMDB, lookup'
	need_library lua5.4 liblua5.4-dev 'filter, map, flat_map'
	need_library libpcre2-8 libpcre2-dev 'grep, validate'
	need_library hiredis libhiredis-dev 'keyed state in Redis'
	need_library libsodium libsodium-dev 'protect'
	need_library sqlite3 libsqlite3-dev 'sqlite'
	need_library zlib zlib1g-dev 'gzip files'
	need_library libzstd libzstd-dev 'zstd files'
	optional=
}

# A download that broke is tried again, and who installs something else at the
# moment, as a machine does that has just started, is waited for.
apt_get() {
	# shellcheck disable=SC2086 # sudo has an option
	$sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq \
		-o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 "$@"
}

# Installs what was found missing. Without the right to do so it says what to
# install and fails, or goes on if it is only wanted.
install_missing() {
	[ -n "$missing$wanted" ] || return 0
	say "these packages are missing:$missing_why$wanted_why"
	sudo=
	if [ "$(id -u)" -ne 0 ]; then
		sudo=sudo
		# Without a terminal nobody can type a password.
		[ -t 2 ] || sudo='sudo -n'
	fi
	if ! command -v apt-get >/dev/null 2>&1 ||
		{ [ -n "$sudo" ] && ! command -v sudo >/dev/null 2>&1; } ||
		! install_allowed; then
		install_refused
		return
	fi
	say "installing:$missing$wanted"
	# Words are split on purpose: there are several packages.
	# shellcheck disable=SC2086
	if ! {
		apt_get update &&
			apt_get install -y --no-install-recommends $missing $wanted
	} >"$build/.log" 2>&1 </dev/null; then
		cat "$build/.log" >&2
		install_refused
		return
	fi
	missing=
	missing_why=
	wanted=
	wanted_why=
}

# Nothing could be installed: fails if something cannot be done without.
install_refused() {
	if [ -n "$missing" ]; then
		say "install them and try again: apt-get install$missing$wanted"
		return 1
	fi
	say "building without these plugins; to have them, as root:" \
		"apt-get install$wanted; then remove '$build'"
}

install_allowed() {
	[ "${GUST_YES:-}" != 1 ] || return 0
	if [ -t 2 ]; then
		printf 'gust: install them with apt-get now? [Y/n] ' >&2
		read -r answer </dev/tty || return 1
		case $answer in
		'' | y | Y | yes | Yes) return 0 ;;
		*) return 1 ;;
		esac
	fi
	[ "$(id -u)" -eq 0 ]
}

# Makes the build folder what meson wants, whatever came before.
configure() {
	if [ -e "$build/.source" ]; then
		# The tree was moved, or its first build was interrupted.
		find "$build" -mindepth 1 -maxdepth 1 ! -name '.l*' \
			-exec rm -rf {} +
	fi
	printf '%s\n' "$root" >"$build/.source"
	meson setup "$build" "$root" --buildtype=release >"$build/.log" 2>&1 \
		</dev/null 9>&-
}

configured() {
	[ -e "$build/build.ninja" ] || return 1
	[ -e "$build/.source" ] || return 0
	read -r source <"$build/.source" && [ "$source" = "$root" ]
}

# build TARGET...
build() {
	ninja -C "$build" "$@" >"$build/.log" 2>&1 </dev/null 9>&-
}

# setup TARGET...: from whatever is there to built targets.
setup() {
	need_build
	if [ -z "$missing" ] && configured && [ "${tried:-}" = yes ]; then
		setup_failed
	fi
	install_missing || exit 2
	if ! configured; then
		say "building in '$build', once"
		configure || setup_failed
	fi
	build "$@" || setup_failed
}

setup_failed() {
	cat "$build/.log" >&2
	say "the build failed; '$build/.log' holds what stands above"
	exit 2
}
