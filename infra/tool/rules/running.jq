# Functions, canaries, alarms.

def functions: of("AWS::Lambda::Function");

rule("function-unlike-the-others";
  functions
  | must(
      .Properties | .Runtime == "provided.al2023" and .Architectures == ["arm64"];
      "functions run on provided.al2023, arm64"),
    must(.Properties.KmsKeyArn != null; "its variables lie under AWS's key: give KmsKeyArn the service's own")),

rule("function-without-limit";
  functions
  | must(
      .Properties.ReservedConcurrentExecutions != null;
      "it can take every other function's share: give it ReservedConcurrentExecutions")),

rule("function-without-trace";
  functions
  | must(.Properties.TracingConfig.Mode == "Active"; "Tracing must be Active, or a booking's way ends here")),

# Without it the router sees `/live/bookings`. Any value counts as yes, so that a `false` would mislead.
rule("stage-in-path";
  of("AWS::Lambda::Permission")
  | select(.Properties.Principal == "apigateway.amazonaws.com")
  | called_function
  | must(
      .Properties.Environment.Variables.AWS_LAMBDA_HTTP_IGNORE_STAGE_IN_PATH | text == "true";
      "AWS_LAMBDA_HTTP_IGNORE_STAGE_IN_PATH must be \"true\"")),

rule("no-canary";
  (functions
   | .id as $id
   | must(
       any(
         of("AWS::Lambda::Alias") | select(.Properties.FunctionName | referred | .id == $id);
         .UpdatePolicy.CodeDeployLambdaAliasUpdate != null);
       "a new version takes every call at once: give it a DeploymentPreference")),
  (of("AWS::CodeDeploy::DeploymentGroup")
   | must(
       .Properties.AlarmConfiguration | .Enabled == true and [.Alarms | list] != [];
       "a canary that no alarm watches rolls nothing back"),
     must(
       any(.Properties.AutoRollbackConfiguration.Events | list; . == "DEPLOYMENT_STOP_ON_ALARM");
       "it must roll back on DEPLOYMENT_STOP_ON_ALARM"))),

# SAM writes Fn::Sub ["CodeDeployDefault.Lambda${ConfigName}", {"ConfigName": "..."}].
rule("unknown-canary";
  of("AWS::CodeDeploy::DeploymentGroup")
  | (.Properties.DeploymentConfigName
     | .["Fn::Sub"]?[1]?.ConfigName // (text | ltrimstr("CodeDeployDefault.Lambda")) | text) as $chosen
  | must(
      $chosen | one_of(
        "Canary10Percent5Minutes", "Canary10Percent10Minutes", "Canary10Percent15Minutes", "Canary10Percent30Minutes",
        "Linear10PercentEvery1Minute", "Linear10PercentEvery2Minutes", "Linear10PercentEvery3Minutes",
        "Linear10PercentEvery10Minutes", "AllAtOnce");
      "CodeDeploy knows no Lambda configuration `\($chosen)`"),
    must($chosen != "AllAtOnce"; "AllAtOnce is no canary")),

# An index is throttled by itself, and holds up its table's writes.
rule("no-alarm";
  def attribute($name): {"Fn::GetAtt": [.id, $name]};
  def to_be_watched:
    if .Type == "AWS::Lambda::Function" then {metric: ("Errors", "Throttles", "Duration"), of: {Ref: .id}}
    elif .Type == "AWS::DynamoDB::Table" then
      {metric: ("ReadThrottleEvents", "WriteThrottleEvents"),
       of: ({Ref: .id}, (.Properties.GlobalSecondaryIndexes | list | .IndexName))}
    elif .Type == "AWS::SQS::Queue" and (.id | endswith("DeadLetters")) then
      {metric: "ApproximateNumberOfMessagesVisible", of: attribute("QueueName")}
    elif .Type == "AWS::SQS::Queue" then {metric: "ApproximateAgeOfOldestMessage", of: attribute("QueueName")}
    elif .Type == "AWS::SNS::Topic" then
      {metric: ("NumberOfNotificationsFailed", "NumberOfNotificationsFailedToRedriveToDlq"), of: attribute("TopicName")}
    elif .Type == "AWS::ApiGateway::RestApi" then {metric: ("5XXError", "Latency"), of: .Properties.Name}
    elif .Type == "AWS::Lambda::EventSourceMapping" and .Properties.StartingPosition != null then
      {metric: "IteratorAge", of: {Ref: (called_function | .id)}}
    else empty end;
  [of("AWS::CloudWatch::Alarm") | .. | objects | {metric: (.MetricName | values), of: (.Dimensions | list | .Value)}] as $watched
  | $resources[]
  | to_be_watched as $metric
  | must(any($watched[]; . == $metric); "no alarm watches \($metric.metric) of \($metric.of | text)")),

# One window of a composite alarm rings through that.
rule("silent-alarm";
  [of("AWS::CloudWatch::CompositeAlarm").Properties.AlarmRule | text] as $composed
  | of("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
  | "${\(.id)}" as $name
  | must(
      [.Properties.AlarmActions | list] != [] or any($composed[]; contains($name));
      "nobody hears it: give it AlarmActions"),
    must(
      .Properties.AlarmDescription | text | contains("docs/runbooks/");
      "its description must name the page that says what to do"))
