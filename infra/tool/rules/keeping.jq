# What must outlive a mistake: tables, keys, buckets, logs.

rule("removed-with-the-stack";
  of(
    "AWS::DynamoDB::Table", "AWS::KMS::Key", "AWS::S3::Bucket", "AWS::SQS::Queue", "AWS::SecretsManager::Secret",
    "AWS::Cognito::UserPool", "AWS::Logs::LogGroup")
  | ("DeletionPolicy", "UpdateReplacePolicy") as $policy
  | must(.[$policy] == "Retain"; "\($policy) must be Retain: it holds what can't be made again")),

rule("table-without-safety";
  of("AWS::DynamoDB::Table")
  | must(
      .Properties.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled == true;
      "PointInTimeRecoveryEnabled must be true"),
    must(.Properties.DeletionProtectionEnabled == true; "DeletionProtectionEnabled must be true"),
    must(.Properties.BillingMode == "PAY_PER_REQUEST"; "BillingMode must be PAY_PER_REQUEST"),
    must(
      .Properties.SSESpecification | .SSEEnabled == true and .KMSMasterKeyId != null;
      "it lies under the service's own key")),

rule("key-without-rotation";
  of("AWS::KMS::Key") | must(.Properties.EnableKeyRotation == true; "EnableKeyRotation must be true")),

rule("logs-without-end";
  (of("AWS::Logs::LogGroup")
   | ("RetentionInDays", "KmsKeyId") as $property
   | must(.Properties[$property] != null; "logs need \($property)")),
  (of("AWS::Lambda::Function")
   | must(
       [.Properties.LoggingConfig.LogGroup | referred] != [];
       "it writes to a log group that Lambda makes, which keeps everything for ever: LoggingConfig.LogGroup"))),

rule("open-bucket";
  of("AWS::S3::Bucket")
  | (("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets") as $block
     | must(.Properties.PublicAccessBlockConfiguration[$block] == true; "\($block) must be true")),
    must([.Properties.BucketEncryption | list] != []; "BucketEncryption is missing"))
