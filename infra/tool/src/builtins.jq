# jq's own definitions that the programs here use. jaq's own need its functions on times and patterns, and those jiff's search for the
# machine's time zones, which would then be part of every service's tests. Values are ordered by type.
def null: [][0];
def type:
  if . >= {} then "object"
  elif . >= [] then "array"
  elif . >= "" then "string"
  elif . > true then "number"
  elif . == null then "null"
  else "boolean" end;
def values: select(. != null);
def numbers: select(. > true and . < "");
def strings: select(. >= "" and . < []);
def arrays: select(. >= [] and . < {});
def objects: select(. >= {});
def keys: keys_unsorted | sort;
def add: reduce .[] as $item (null; . + $item);
def min: sort[0];
def split($separator): . / $separator;
