# What the rules are written with. `$template` is the translated template, `$runbooks` the names of the files in docs/runbooks.

# A rule, and a finding for each resource that breaks it.
def rule($name; findings):
  {rule: $name, findings: [try findings catch {resource: "the template", says: "the rule can't be evaluated: \(.)"}]};

# A finding at the resource or statement in `.`: what is wrong, and what would be right.
def fault(says): {resource: .id, says: says};

# The same, unless `holds` yields true: not nothing, nor an error about what is no object.
def must(holds; says): if [holds?] == [true] then empty else fault(says) end;

def one_of(values): . as $value | any(values; . == $value);
def contains_any(texts): . as $text | any(texts; . as $part | $text | contains($part));

# A value that may stand alone or in a list.
def list: if type == "array" then .[] else values end;

# What is there on at least one of a condition's sides, for all `Fn::If` around it.
def sides: if type == "object" and has("Fn::If") then .["Fn::If"][1:][] | sides else . end;

def is_intrinsic: type == "object" and length == 1 and (keys[0] | . == "Ref" or startswith("Fn::"));

# A value as text, with what is known only at deployment written as in `Fn::Sub`: `${Queue.Arn}`.
def text:
  if . == null then ""
  elif type == "array" then map(text) | join(",")
  elif type != "object" then tostring
  elif has("Ref") then "${\(.Ref)}"
  elif has("Fn::GetAtt") then "${\([.["Fn::GetAtt"] | list | text] | join("."))}"
  elif has("Fn::Sub") then first((.["Fn::Sub"] | list), null) | text
  elif has("Fn::Join") then .["Fn::Join"] as [$glue, $parts] | [$parts | list | text] | join($glue | text)
  else tojson
  end;

# Every resource: its body, and its logical id as `id`. Here and below, what all rules look at is made once: this file is the head of
# one filter, whose body the rules are.
[$template.Resources // {} | to_entries[] | .value + {id: .key}] as $resources
| (reduce $resources[] as $resource ({}; .[$resource.Type | text] += [$resource])) as $by_type
| def of(types): $by_type[types] | list;

# The resource that a value refers to, by `Ref` or `Fn::GetAtt`; none where it is no reference, or another stack's.
def referred: (.Ref?, .["Fn::GetAtt"]?[0]?) | strings as $id | $template.Resources[$id] | values + {id: $id};

# The function itself, where an alias is called.
def called_function: .Properties.FunctionName | referred | first((.Properties.FunctionName | referred), .);

# Every statement of every policy, anywhere in a resource.
[
  $resources[] | select(.Type != "AWS::WAFv2::WebACL") | . as $resource
  | .Properties | .. | objects | .Statement | list | sides | objects
  | . + {
      id: $resource.id,
      $resource,
      name: (if .Sid then "the statement \(.Sid | text)" else "a statement" end),
      actions: [.Action | list | text],
      Principal: (.Principal | if type == "object" then . else {AWS: .} end), # `*` is any account
      # The resource's reasons for its wildcards.
      is_excused: (try $resource.Metadata.Wildcards[.Sid | text] catch null | type == "string")
    }
] as $statements
| def allowing: $statements[] | select(.Effect == "Allow");

# What a statement is about. In a key's own policy, `*` is that key.
def is_of_key: .resource.Type == "AWS::KMS::Key";
def is_of_everything: any(.Resource | list | text; . == "*");
def condition($operator; $key): [.Condition[$operator][$key] | list | text];
def condition_keys: .Condition // {} | .[] | objects | keys[];

# The account's root principal is the account's IAM, which must be able to manage a key.
def manages_its_key: is_of_key and (.Principal.AWS | text | endswith("iam::${AWS::AccountId}:root"));

# Whether a statement names `$action`, or a wildcard that covers it.
def covers($action): ($action | ascii_downcase) as $asked | any(.actions[] | ascii_downcase;
  . as $given | if endswith("*") then $asked | startswith($given[:-1]) else . == $asked end);

# Whether what `$service` sends to the topic in `.` reaches somebody: the topic takes it, its key too, and it has a subscriber.
# A topic that isn't this template's is the account's `tern-alarms`, which the baseline's own check sees.
def reaches_a_person($service):
  def lets($type; $action; $id): any(
    allowing | select(.resource.Type == $type and covers($action));
    any(.Principal.Service | list | text; . == $service)
      and (.id == $id or any(.resource.Properties.Topics | list | referred; .id == $id)));
  text as $text
  | first(referred, null)
  | if . == null then $text | endswith(":tern-alarms")
    else
      .Properties.Subscription != null and .Properties.Subscription != []
      and lets("AWS::SNS::TopicPolicy"; "sns:Publish"; .id)
      and all(.Properties.KmsMasterKeyId | referred; lets("AWS::KMS::Key"; "kms:GenerateDataKey"; .id))
    end;

