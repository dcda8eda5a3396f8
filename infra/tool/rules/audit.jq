# Audit and alarms of an account, and their recipients.

rule("trail-unprotected";
  of("AWS::CloudTrail::Trail")
  | (("IsLogging", "IsMultiRegionTrail", "EnableLogFileValidation") as $property
     | must(.Properties[$property] == true; "\($property) must be true")),
    must(.Properties.KMSKeyId != null; "its files lie under no key of ours: KMSKeyId"),
    must(
      .Properties.S3BucketName | referred
      | .Properties.ObjectLockConfiguration.Rule.DefaultRetention.Mode == "COMPLIANCE";
      "its bucket's files can be deleted: ObjectLockConfiguration with a DefaultRetention in COMPLIANCE")),

# No role that a template makes may turn off what watches the account.
rule("audit-can-be-stopped";
  allowing
  | .actions[] as $action
  | must(
      $action | one_of(
        "cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "cloudtrail:UpdateTrail", "cloudtrail:PutEventSelectors",
        "config:StopConfigurationRecorder", "config:DeleteConfigurationRecorder", "config:DeleteDeliveryChannel",
        "config:DeleteConfigRule") | not;
      "\(.name) allows \($action): nobody who deploys stops the audit")),

# Config can't write to an encrypted topic, so a finding is an event that a rule must take to a person.
rule("finding-unheard";
  first(of("AWS::Config::ConfigRule"))
  | must(
      any(
        of("AWS::Events::Rule").Properties
        | select(["aws.config", "Config Rules Compliance Change", "NON_COMPLIANT"] - [.EventPattern | .. | strings] == []);
        any(.Targets | list; .Arn | reaches_a_person("events.amazonaws.com")));
      "nobody hears what it finds: an AWS::Events::Rule must take NON_COMPLIANT to a topic with a subscriber")),

rule("budget-unheard";
  of("AWS::Budgets::Budget")
  | ("ACTUAL", "FORECASTED") as $type
  | must(
      any(
        .Properties.NotificationsWithSubscribers | list | select(.Notification.NotificationType == $type) | .Subscribers | list;
        .SubscriptionType == "EMAIL" or (.Address | reaches_a_person("budgets.amazonaws.com")));
      "nobody hears when the \($type) cost is above it: NotificationsWithSubscribers"))
