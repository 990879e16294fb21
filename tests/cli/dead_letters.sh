# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154
#
# gust dead-letters. Sourced by run.

cat >letters.jsonl <<'END'
{"format":1,"time":"2026-11-21T12:00:00.123Z","topology":"shop","component":"price","task":3,"stream":"default","kind":"failed","reason":"the price is missing","attempts":5,"source":"orders.txt","offset":1024,"fields":{"id":7,"name":"tea \"Äh\"\n\u001b[2J","price":null,"weight":0.1,"good":true,"raw":{"bytes":"AP8="},"more":{"json":"{\"a\": [1]}"},"old":{"base64":"/w=="},"none":{"float":"nan"}}}
{"format":1,"time":"2026-11-21T12:00:01.000Z","topology":"shop","component":"orders","task":0,"kind":"rejected","reason":"'orders.csv':7: 2 fields, expected 3","attempts":0,"record":"8,milk"}
END
readable='2026-11-21T12:00:00.123Z failed in '\''price'\'' after 5 attempts: the price is missing
    from '\''shop'\'', task 3, stream '\''default'\'', '\''orders.txt'\'' at 1024
    id: 7
    name: "tea \"Äh\"\n\u001B[2J"
    price: null
    weight: 0.1
    good: true
    raw: {"bytes":"AP8="}
    more: {"a": [1]}
    old: {"base64":"/w=="}
    none: nan
'
rejected='2026-11-21T12:00:01.000Z rejected in '\''orders'\'': '\''orders.csv'\'':7: 2 fields, expected 3
    from '\''shop'\'', task 0
    record: "8,milk"
'
expect 'dead-letters' 0 "$readable$rejected" '' dead-letters letters.jsonl
expect 'dead-letters: component' 0 "$rejected" '' \
	dead-letters --component orders letters.jsonl
expect 'dead-letters: reason' 0 "$readable" '' \
	dead-letters -r missing letters.jsonl
expect 'dead-letters: both' 0 '' '' \
	dead-letters -r missing -c orders letters.jsonl

# What --json prints is what there was.
call dead-letters --json letters.jsonl
check_equal 'dead-letters --json: exit code' "$code" 0
cp out again.jsonl
expect 'dead-letters --json: nothing is lost' 0 "$readable$rejected" '' \
	dead-letters again.jsonl
check_equal 'dead-letters --json: a line each' "$(wc -l <again.jsonl)" 2

# A pipe that ends within a line.
code=0
{ cat letters.jsonl && printf '{"format":1'; } |
	timeout 60 "$GUST" dead-letters - >out 2>err || code=$?
check_equal 'dead-letters -: exit code' "$code" 0
check_equal 'dead-letters -: stdout' "$(cat out && echo x)" \
	"$readable${rejected}x"

# Lines that are no letters are said, and the others printed.
{
	printf 'not JSON\n'
	cat letters.jsonl
	printf '{"format":9}\n'
} >mixed.jsonl
call dead-letters mixed.jsonl
check_equal 'dead-letters: bad lines: exit code' "$code" 1
check_equal 'dead-letters: bad lines: stdout' "$out" "$readable$rejected"
contains 'dead-letters: no JSON' "$err" \
	'gust dead-letters: mixed.jsonl:1: this is no dead letter: '
contains 'dead-letters: newer' "$err" 'gust dead-letters: mixed.jsonl:4: the dead letter has format 9, expected at most 1: a newer gust wrote it'

expect 'dead-letters: empty' 0 '' '' dead-letters /dev/null
expect 'dead-letters: no file' 2 '' \
	"gust dead-letters: 'nowhere.jsonl' cannot be read: No such file or directory$nl" \
	dead-letters nowhere.jsonl
mkdir folder.letters
expect 'dead-letters: a folder' 2 '' \
	"gust dead-letters: 'folder.letters' is a folder, expected a file of dead letters, such as NAME.dead-letters.jsonl$nl" \
	dead-letters folder.letters
expect 'dead-letters: which file' 2 '' \
	"gust dead-letters: which FILE?${nl}see 'gust help dead-letters'$nl" \
	dead-letters
expect 'dead-letters: two files' 2 '' \
	"gust dead-letters: 'b' is one file too many${nl}see 'gust help dead-letters'$nl" \
	dead-letters a b

# Names and reasons cannot move the cursor either.
# shellcheck disable=SC2016
printf '{"format":1,"time":"t","topology":"a\\u001b[2J","component":"b\\u009b","task":0,"kind":"failed","reason":"c\\u007f\\n","attempts":1,"fields":{"\\u001b":"\\u009b"}}\n' >hostile.jsonl
expect 'dead-letters: hostile' 0 "t failed in 'b?' after 1 attempt: c??
    from 'a?[2J', task 0
    ?: \"?\"
" '' dead-letters hostile.jsonl
if [ -e /dev/full ]; then
	code=0
	"$GUST" dead-letters letters.jsonl >/dev/full 2>err || code=$?
	check_equal 'dead-letters: full disk' "$code" 1
fi

# What codes.sh has left.
call dead-letters reason.jsonl
check_equal 'dead-letters of a run: exit code' "$code" 0
check_equal 'dead-letters of a run: all' \
	"$(grep -c "failed in 'f' after 2 attempts" out)" 10
