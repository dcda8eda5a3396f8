# Roles, policies, wildcards, and who may call whom.

rule("role-without-boundary";
  of("AWS::IAM::Role")
  | must(.Properties.PermissionsBoundary != null; "the role has no PermissionsBoundary: give it tern-boundary")),

rule("foreign-managed-policy";
  of("AWS::IAM::Role")
  | (.Properties.ManagedPolicyArns | list | text) as $policy
  | must($policy | contains(":iam::aws:policy/") | not; "\($policy) changes without us: write out what the role does")),

rule("wildcard-action";
  allowing
  | must(has("NotAction") | not; "\(.name) allows by NotAction: name what it allows"),
    (select((manages_its_key or .is_excused) | not)
     | .actions[] as $action
     | must($action | contains("*") | not; "\(.name) allows \($action): name the actions"))),

# Excepted are actions that AWS gives no resource to name, and that every service of ours does: traces, and Lambda's reading of a
# stream. What one resource needs alone has its reason there: `Metadata: {Wildcards: {<Sid>: <reason>}}`.
rule("wildcard-resource";
  allowing
  | select(is_of_everything and (is_of_key or .is_excused | not))
  | (.actions - ["xray:PutTraceSegments", "xray:PutTelemetryRecords", "dynamodb:ListStreams"]) as $actions
  | must($actions == []; "\(.name) allows \($actions[0]) on every resource: name which")),

# A reason that outlives its wildcard would excuse the next one.
rule("stale-reason";
  $resources[]
  | .id as $id
  | (.Metadata.Wildcards // {} | to_entries[]) as {key: $sid, value: $reason}
  | must(
      any($statements[] | select(.id == $id and .Sid == $sid); is_of_everything or any(.actions[]; contains("*")));
      "Wildcards gives a reason for \($sid), which has no wildcard: take it out"),
    must(
      $reason | type == "string" and ([split("\n")[] | split(" ")[]] - [""] | length >= 4);
      "Wildcards names \($sid) without a reason")),

# IAM refuses a longer one, at deployment only. Blanks don't count; what is known at deployment only is taken as its name.
rule("policy-too-long";
  def resolved: if is_intrinsic then text elif type == "object" or type == "array" then map_values(resolved) else . end;
  def policy_length: resolved | tojson | explode - [32] | length;
  (of("AWS::IAM::ManagedPolicy")
   | (.Properties.PolicyDocument | policy_length) as $length
   | must($length <= 6144; "\($length) characters, and a managed policy takes 6144: make two of it")),
  (of("AWS::IAM::Role")
   | ([.Properties.Policies | list | .PolicyDocument | policy_length] | add // 0) as $length
   | must($length <= 10240; "\($length) characters of policies, and a role takes 10240: manage some"))),

# An API is for anybody as far as its contract says so; what is private is denied: open-private-route.
rule("open-principal";
  allowing
  | select(.resource.Type != "AWS::ApiGateway::RestApi" and any(.Principal.AWS | list | text; . == "*"))
  | must(any(condition_keys; . == "aws:PrincipalOrgID"); "\(.name) lets anybody in: name the account, or the organisation")),

# A service that acts for other accounts' resources (the confused deputy) must be limited to ours. Excepted are services that act
# for what was made with the role: that took iam:PassRole, which no other account has.
rule("service-without-source";
  (allowing
   | (.Principal.Service | text) as $service
   | select($service != "")
   | select(.resource.Type != "AWS::IAM::Role" or ($service | one_of("lambda.amazonaws.com", "cloudformation.amazonaws.com") | not))
   | must(
       any(condition_keys; one_of("aws:SourceArn", "aws:SourceAccount", "kms:EncryptionContext:aws:logs:arn"));
       "\(.name) lets \($service) act for anybody: name aws:SourceArn or aws:SourceAccount")),
  (of("AWS::Lambda::Permission")
   | must(.Properties.SourceArn != null; "lets any \(.Properties.Principal | text) call: name its SourceArn"))),

# Another account's output is read through that account's lookup role, and only where CloudFormation allows it.
rule("lookup-without-role";
  ($resources[]
   | (.. | objects | .["Fn::GetStackOutput"] | values) as $lookup
   | must($lookup.RoleArn | text | endswith(":role/tern-lookup");
       "Fn::GetStackOutput needs RoleArn, the other account's tern-lookup"),
     must($lookup.Region != null; "Fn::GetStackOutput needs Region: stacks stand in two")),
  ({id: "Conditions"}
   | must($template.Conditions | tojson | contains("Fn::GetStackOutput") | not;
       "Fn::GetStackOutput is not allowed in conditions"))),

rule("secret-in-the-open";
  of("AWS::Lambda::Function")
  | (.Properties.Environment.Variables // {} | to_entries[]) as {key: $name, value: $value}
  | select($name | ascii_upcase | contains_any("KEYS", "SECRET", "PASSWORD", "TOKEN", "CREDENTIAL"))
  | must(all($value | sides; text | startswith("{{resolve:secretsmanager:"));
      "\($name) is written out: resolve it from Secrets Manager"))
