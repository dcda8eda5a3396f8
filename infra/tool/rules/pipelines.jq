# Pipelines: triggers, gate, approval and rollback.

def pipelines: of("AWS::CodePipeline::Pipeline");
def stages: .Properties.Stages | list;
def actions: .Actions | list | sides | select(.Name | type == "string");
def is_by($provider): .ActionTypeId.Provider == $provider;
def deploys: any(actions; is_by("CloudFormation"));

# Without one, each team's change would start everybody's pipeline.
rule("pipeline-without-filter";
  pipelines
  | [.Properties.Triggers | list | .GitConfiguration.Push | list] as $pushes
  | must(.Properties.PipelineType == "V2"; "PipelineType must be V2: only that filters by path"),
    must($pushes != []; "any change starts it: Triggers must filter FilePaths"),
    ($pushes[].FilePaths.Includes as $paths
     | must($paths != null; "a push starts it whatever changed: FilePaths.Includes names the service's files"),
       must([$paths | list] | length <= 8; "CodePipeline takes eight paths in a filter"),
       must(
         any($paths | list; one_of("**", "*")) | not;
         "FilePaths.Includes has everything, and so starts it for everybody's changes")),
    must(
      all(stages | actions | select(is_by("CodeStarSourceConnection")); .Configuration.DetectChanges | text == "false");
      "DetectChanges must be false, or the filters are passed by")),

# The contract gate runs in the stage itself, before the change set: environments differ.
rule("pipeline-without-gate";
  def order: .RunOrder | numbers // 1;
  def asks_the_gate: any(
    .Configuration.ProjectName | referred | .Properties.Source.BuildSpec | text;
    contains("cargo xtask contract check --environment"));
  pipelines
  | (stages | select(deploys)) as $stage
  | must(
      $stage | [actions | select(asks_the_gate) | order] as $gate | [actions | select(is_by("CloudFormation")) | order] as $deploy
      | $gate != [] and ($gate | min) < ($deploy | min);
      "\($stage.Name) deploys before `cargo xtask contract check` has said whom it breaks")),

rule("pipeline-without-approval";
  def waits: any(actions; .ActionTypeId.Category == "Approval");
  pipelines
  | [stages] as $stages
  | (range($stages | length) as $n
     | select($stages[$n].Name == "Prod")
     | must(any($stages[:$n][]; waits); "nobody is asked before Prod: a stage with a Manual approval")),
    ($stages[] as $stage
     | must(
         $stage | (waits and deploys) | not;
         "\($stage.Name) waits for a person, and so would taking it back: approve in a stage before"))),

rule("pipeline-without-rollback";
  pipelines
  | (stages | select(deploys)) as $stage
  | must(
      $stage.OnFailure.Result == "ROLLBACK";
      "\($stage.Name) stays half deployed when it fails: OnFailure must be ROLLBACK"),
    must(
      any(
        $stage.OnSuccess | sides | .Conditions | list | select(.Result == "ROLLBACK") | .Rules | list;
        .RuleTypeId.Provider == "CloudWatchAlarm");
      "\($stage.Name) isn't watched once it is deployed: OnSuccess must roll back on an alarm")),

# A change set shows what will happen, is made as the account's deploy role, and executed as its stack role.
rule("pipeline-without-change-set";
  pipelines
  | (stages | select(deploys)) as $stage
  | ($stage | actions | select(is_by("CloudFormation"))) as $action
  | "\($action.Name) in \($stage.Name)" as $name
  | must(
      $action.Configuration.ActionMode | one_of("CHANGE_SET_REPLACE", "CHANGE_SET_EXECUTE");
      "\($name) changes the stack at once: CHANGE_SET_REPLACE, then CHANGE_SET_EXECUTE"),
    must(
      $action.RoleArn | text | contains(":role/tern-deploy-");
      "\($name) needs RoleArn, the deploy role of the environment's account"),
    must(
      $action.Configuration | .ActionMode != "CHANGE_SET_REPLACE" or (.RoleArn | text | contains(":role/tern-stack-"));
      "\($name) needs Configuration.RoleArn, the stack role of the environment's account")),

rule("pipeline-unheard";
  pipelines
  | {Ref: .id} as $pipeline
  | must(
      any(
        of("AWS::Events::Rule").Properties
        | select(any(.EventPattern.source | list; . == "aws.codepipeline"))
        | select(any(.EventPattern.detail.state | list; . == "FAILED"))
        | select(any(.EventPattern.detail.pipeline | ..; . == $pipeline))
        | .Targets | list;
        .Arn | reaches_a_person("events.amazonaws.com"));
      "nobody hears when it fails: an AWS::Events::Rule must take FAILED to a topic with a subscriber")),

# What was built once is deployed three times: a bucket of releases keeps every version, and others only read it.
rule("releases-can-change";
  of("AWS::S3::Bucket")
  | select(.Properties.BucketName | text | startswith("tern-releases-"))
  | .id as $bucket
  | must(
      .Properties.VersioningConfiguration.Status == "Enabled";
      "a release can be overwritten: VersioningConfiguration"),
    must(
      any(
        .Properties.BucketEncryption.ServerSideEncryptionConfiguration | list;
        .ServerSideEncryptionByDefault.SSEAlgorithm == "aws:kms");
      "releases lie under no key of ours: BucketEncryption with aws:kms"),
    (allowing
     | select(any(.resource.Properties.Bucket | referred; .id == $bucket))
     | (.actions - ["s3:GetObject", "s3:GetObjectVersion"]) as $writes
     | must($writes == []; "\(.name) lets others do \($writes[0]): releases are read only"))),

# A build runs what its dependencies wrote: it gets no privileges, and what it does is logged where it ends.
rule("step-unconfined";
  of("AWS::CodeBuild::Project")
  | must(.Properties.Environment.PrivilegedMode != true; "PrivilegedMode is root on the machine: no step needs it"),
    must(.Properties.EncryptionKey != null; "what it hands on lies under no key of ours: EncryptionKey"),
    must(
      .Properties.LogsConfig.CloudWatchLogs.GroupName | referred | .Type == "AWS::Logs::LogGroup";
      "it logs where nothing ends: LogsConfig with a log group of ours"),
    ((.Properties.Environment.EnvironmentVariables | list | select((.Type // "PLAINTEXT") == "PLAINTEXT") | .Name | text) as $name
     | must(
         $name | ascii_upcase | contains_any("SECRET", "TOKEN", "PASSWORD", "KEY") | not;
         "\($name) is written out: read it from Secrets Manager")))
