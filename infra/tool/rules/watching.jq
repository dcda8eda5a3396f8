# What is seen of a service from outside: metrics, traces, alarms and their pages, over all accounts.

# What is shared between accounts: numbers, lines and traces. With one of them missing, a booking's way ends at a border.
def shared: ["AWS::CloudWatch::Metric", "AWS::Logs::LogGroup", "AWS::XRay::Trace"];

rule("nameless-metrics";
  of("AWS::Lambda::Function")
  | must(
      .Properties.Environment.Variables.ENVIRONMENT != null;
      "its metrics are of no environment, so no alarm finds them: give it the variable ENVIRONMENT")),

rule("unknown-runbook";
  of("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
  | (.Properties.AlarmDescription | text | split("docs/runbooks/")[1] | values | split("\n")[0] | split(" ")[0]) as $page
  | must($page | one_of($runbooks[]); "there is no page docs/runbooks/\($page): write it")),

rule("open-sink";
  of("AWS::Oam::Sink")
  | (.Properties.Policy.Statement | list | .Condition) as $condition
  | must(
      $condition.StringEquals["aws:PrincipalOrgID"] != null;
      "any account can link: StringEquals must name aws:PrincipalOrgID"),
    must(
      [$condition["ForAllValues:StringEquals"]["oam:ResourceTypes"] | list] | . != [] and . - shared == [];
      "oam:ResourceTypes must name what may be shared: \(shared | join(", "))")),

rule("half-a-link";
  of("AWS::Oam::Link")
  | (shared - [.Properties.ResourceTypes | list])[] as $missing
  | fault("a booking's way ends here: share \($missing) too"))
