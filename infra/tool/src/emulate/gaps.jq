# Makes of a translated template what the emulator takes: `$gaps` is gaps.yaml, `$stack` the template's name, `$architecture` this
# machine's.

def is_taken_out:
  $gaps.taken_out[.Type] != null or (.Type == "AWS::CloudWatch::Alarm" and .Properties.Metrics != null);

# Without the statements that refuse plain HTTP.
def without_tls: (.PolicyDocument.Statement | arrays) |= map(select(.Condition.Bool["aws:SecureTransport"] == null));

def without_unknown_conditions:
  walk(if type == "object" then with_entries(select([.key] - $gaps.unknown_conditions != [])) else . end);

# Sessions of roles where `aws:PrincipalArn` asks for roles.
def with_sessions:
  def session:
    if type == "string" and contains(":iam::") and contains(":role/") then
      (split(":iam::") | join(":sts::") | split(":role/") | join(":assumed-role/")) + "/*"
    else . end;
  walk(if type == "object" and has("aws:PrincipalArn") then .["aws:PrincipalArn"] |= walk(session) else . end);

def going_round:
  if .Type == "AWS::S3::BucketPolicy" then .Properties |= without_tls
  elif .Type == "AWS::SNS::TopicPolicy" then .Properties |= (without_tls | without_unknown_conditions)
  elif .Type == "AWS::IAM::Role" or .Type == "AWS::IAM::ManagedPolicy" then
    .Properties |= (without_unknown_conditions | with_sessions)
  elif .Type == "AWS::Lambda::Function" then .Properties.Architectures = [$architecture]
  elif .Type == "AWS::SecretsManager::Secret" and .Properties.GenerateSecretString.ExcludePunctuation == true then
    .Properties.GenerateSecretString.ExcludeCharacters =
      ([range(33; 48), range(58; 65), range(91; 97), range(123; 127)] | implode)
  else . end;

[.Resources // {} | to_entries[] | select(.value | is_taken_out) | .key] as $taken_out
| def mentions_taken_out: any(.. | (.Ref?, .["Fn::GetAtt"]?[0]?) | strings; [.] - $taken_out == []);
  (.Resources | values) |= with_entries(
    select([.key] - $taken_out != [])
    | if [.value.Type] - $gaps.made == [] then .
      else error(
        "\($stack): \(.key) is an \(.value.Type), which the emulator was never seen to make: try it, then list it as made or taken out in infra/tool/src/emulate/gaps.yaml")
      end
    # An UpdatePolicy's only use here is CodeDeploy's.
    | .value |= (del(.UpdatePolicy) | going_round))
| (.Outputs | values) |= with_entries(select(.value.Value | mentions_taken_out | not))
