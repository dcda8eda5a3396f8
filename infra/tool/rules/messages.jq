# Queues, topics, subscriptions, streams.

def mappings: of("AWS::Lambda::EventSourceMapping");

# A stream's mapping has a starting position.
def is_stream: .Properties.StartingPosition != null;

rule("queue-without-dead-letters";
  of("AWS::SQS::Queue")
  | select(.id | endswith("DeadLetters") | not)
  | must(
      .Properties.RedrivePolicy | .deadLetterTargetArn != null and .maxReceiveCount != null;
      "a message that can't be applied is tried for ever: give RedrivePolicy a dead-letter queue")),

# AWS recommends six times the function's timeout, so that a throttled batch isn't redelivered while it is processed.
rule("short-visibility";
  mappings
  | called_function as $function
  | .Properties.EventSourceArn | referred | select(.Type == "AWS::SQS::Queue")
  | ($function.Properties.Timeout | numbers // 3) as $timeout_secs
  | (.Properties.VisibilityTimeout | numbers // 30) as $visible_secs
  | must(
      $visible_secs >= 6 * $timeout_secs;
      "VisibilityTimeout is \($visible_secs) s, below six times the \($timeout_secs) s of \($function.id): at least \(6 * $timeout_secs)")),

rule("short-retention";
  of("AWS::SQS::Queue")
  | must(
      .Properties.MessageRetentionPeriod == 14 * 24 * 3600;
      "messages are kept for fourteen days: a long weekend is no reason to lose one")),

rule("unencrypted-messages";
  of("AWS::SQS::Queue", "AWS::SNS::Topic")
  | must(.Properties.KmsMasterKeyId != null; "messages lie in the clear: give KmsMasterKeyId the service's key")),

rule("subscription-loses-messages";
  of("AWS::SNS::Subscription")
  | select(.Properties.Protocol != "email")
  | must(
      .Properties.RedrivePolicy.deadLetterTargetArn != null;
      "an undelivered message is lost: give RedrivePolicy a dead-letter queue"),
    must(.Properties.RawMessageDelivery == true; "RawMessageDelivery is true: the consumer reads the event itself"),
    must(.Properties.FilterPolicy != null; "FilterPolicy names the types of event that the consumer knows")),

rule("open-subscribing";
  allowing
  | select(.resource.Type == "AWS::SNS::TopicPolicy" and covers("sns:Subscribe"))
  | ("aws:PrincipalOrgID", "sns:Protocol", "sns:Endpoint") as $key
  | must(.Condition.StringEquals[$key] != null; "subscribing is open: StringEquals must name \($key)")),

rule("whole-batch-fails";
  mappings
  | must(
      any(.Properties.FunctionResponseTypes | list; . == "ReportBatchItemFailures");
      "one bad message fails its batch: FunctionResponseTypes needs ReportBatchItemFailures")),

# The default is to try for as long as the record lives, and the shard waits.
rule("stream-blocks";
  mappings
  | select(is_stream)
  | must(
      .Properties.MaximumRetryAttempts | numbers >= 0;
      "a record that fails blocks its shard: MaximumRetryAttempts must be finite"),
    must(
      .Properties.BisectBatchOnFunctionError == true;
      "BisectBatchOnFunctionError finds the record that crashes the function"),
    must(
      .Properties.DestinationConfig.OnFailure.Destination != null;
      "what was given up leaves no trace: DestinationConfig needs OnFailure")),

rule("stream-filter";
  mappings
  | must(
      (is_stream | not) or [.Properties.FilterCriteria.Filters | list] != [];
      "every write wakes the function: FilterCriteria takes new outbox items only"),
    ((.Properties.FilterCriteria.Filters | list | .Pattern | select(is_intrinsic | not)) as $pattern
     | (try {pattern: ($pattern | strict_json)} catch {error: .}) as $read
     | must($read.error == null; "a filter's Pattern is not JSON in a text: \($read.error)"),
       must($read.error or ($read.pattern | type == "object"); "a filter's Pattern is a JSON object"),
       (select(is_stream and ($read.pattern | type == "object"))
        | must(
            $read.pattern.eventName == ["INSERT"];
            "the filter lets removals through: eventName must be [\"INSERT\"], or expiry publishes"))))
