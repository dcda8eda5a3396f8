# Gateways and the distribution.

def apis: of("AWS::ApiGateway::RestApi");

# Every method of every path of an API's body.
def operations:
  .Properties.Body.paths // {} | to_entries[]
  | .key as $path
  | .value | objects | to_entries[]
  | select(.value | type == "object")
  | .value + {$path, method: (.key | ascii_upcase), name: "\(.key | ascii_upcase) \($path)"};

def integration: .["x-amazon-apigateway-integration"];

# The names of the security schemes that an operation requires.
def required_schemes: .security | list | objects | keys[];

# Whether a security scheme requires requests signed by a role.
def is_signed: .["x-amazon-apigateway-authtype"] == "awsSigv4";

def scheme($name): .Properties.Body.components.securitySchemes[$name];

rule("stage-unguarded";
  of("AWS::ApiGateway::Stage")
  | must(.Properties.AccessLogSetting.DestinationArn != null; "requests leave no trace: AccessLogSetting"),
    must(.Properties.TracingEnabled == true; "TracingEnabled must be true"),
    must(
      any(
        .Properties.MethodSettings | list | select(.ResourcePath == "/*" and .HttpMethod == "*");
        .ThrottlingRateLimit != null and .ThrottlingBurstLimit != null);
      "MethodSettings must throttle every method"),
    must(
      all(.Properties.MethodSettings | list; .DataTraceEnabled != true);
      "DataTraceEnabled writes travellers' names into logs")),

rule("route-without-answer";
  apis
  | must(.Properties.Body.paths // {} | length > 0; "its Body has no paths: it must hold the whole contract"),
    (operations as $operation
     | must(
         $operation | integration | .type == "aws_proxy" and .httpMethod == "POST";
         "\($operation.name) has no aws_proxy integration by POST"))),

rule("open-write";
  apis
  | operations as $operation
  | must(
      ($operation.method | one_of("POST", "PUT", "PATCH", "DELETE") | not) or [$operation.security | list] != [];
      "\($operation.name) writes for anybody: it needs `security`"),
    (($operation | required_schemes) as $scheme
     | must(
         scheme($scheme) | .["x-amazon-apigateway-authorizer"] != null or is_signed;
         "\($operation.name) asks `\($scheme)`, which has no authorizer behind it"))),

# A signature authenticates the caller; the API's resource policy authorises it.
rule("open-private-route";
  apis
  | [.Properties.Body["x-amazon-apigateway-policy"].Statement | list
     | select(.Effect == "Deny" and (.Principal | text) == "*")] as $denied
  | operations as $operation
  | select(any(scheme($operation | required_schemes); is_signed))
  | ($operation.path | split("/") | map(if startswith("{") then "*" else . end) | join("/")) as $path
  | "execute-api:/*/\($operation.method)\($path)" as $route
  | ("aws:PrincipalOrgID", "aws:PrincipalAccount") as $key
  | must(
      any($denied[] | select(any(.Resource | list | text; . == $route)); .Condition.StringNotEquals[$key] != null);
      "\($operation.name) is private, but its API denies no stranger by \($key): any account may sign")),

rule("unchecked-requests";
  apis
  | must(
      .Properties.Body
      | .["x-amazon-apigateway-request-validators"][.["x-amazon-apigateway-request-validator"] // ""]
      | .validateRequestBody == true and .validateRequestParameters == true;
      "requests aren't checked: a validator of body and parameters must be chosen")),

rule("dangling-schema";
  apis
  | .Properties.Body as $body
  | ($body | .. | objects | .["$ref"] | strings) as $reference
  | must(
      $body | try getpath($reference | ltrimstr("#/") | split("/")) catch null | . != null;
      "\($reference) leads nowhere")),

# A gateway that may not call what it integrates with answers 500 to everything; a permission for another path is one.
rule("uncallable-function";
  # Whether `METHOD/path` matches what `arn:...:${Api}/<stage>/` is followed by; `*` matches any rest.
  def matches($given; $asked):
    if $given == ["*"] then true
    elif $given == [] or $asked == [] then $given == $asked
    else ($given[0] | one_of("*", $asked[0])) and matches($given[1:]; $asked[1:]) end;
  apis
  | .id as $api
  | operations as $operation
  | ($operation | integration | .uri) as $uri
  | must(
      any(
        of("AWS::Lambda::Permission").Properties
        | select(.Principal == "apigateway.amazonaws.com")
        | (.FunctionName | referred | .id) as $called
        | select(any($uri | ..; . == {Ref: $called}) or ($uri | text | contains("${\($called)")))
        | .SourceArn | text | split("${\($api)}/")[1] | values | split("/");
        . == ["*"] or matches(.[1:]; "\($operation.method)\($operation.path)" | split("/")));
      "\($operation.name) may not call its function: no Lambda permission covers it")),

rule("open-distribution";
  of("AWS::CloudFront::Distribution")
  | .Properties.DistributionConfig as $config
  | must($config.WebACLId != null; "no firewall stands before it: WebACLId"),
    (($config.Origins | list) as $origin
     | must(
         $origin.S3OriginConfig == null or $origin.OriginAccessControlId != null;
         "the origin \($origin.Id) needs OriginAccessControlId, or its bucket must be public"),
       must(
         $origin.CustomOriginConfig | . == null or .OriginProtocolPolicy == "https-only";
         "the origin \($origin.Id) is asked in the clear: https-only")),
    (($config | .DefaultCacheBehavior, .CacheBehaviors | list) as $behaviour
     | ($behaviour.PathPattern // "the default") as $pattern
     | must($behaviour.ViewerProtocolPolicy | . != null and . != "allow-all"; "\($pattern) answers in the clear"),
       must($behaviour.ResponseHeadersPolicyId != null; "\($pattern) has no ResponseHeadersPolicyId")),
    # They are the distribution's, not a behaviour's: an API's 404 would become a page.
    must([$config.CustomErrorResponses | list] == []; "CustomErrorResponses would replace the services' own refusals")),

rule("lax-content-policy";
  of("AWS::CloudFront::ResponseHeadersPolicy")
  | (.Properties.ResponseHeadersPolicyConfig.SecurityHeadersConfig.ContentSecurityPolicy.ContentSecurityPolicy | text) as $policy
  | select($policy != "")
  | (("'unsafe-inline'", "'unsafe-eval'", " *", " https: ", " http:") as $lax
     | must($policy | contains($lax) | not; "the content security policy has\($lax)")),
    (("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'") as $part
     | must($policy | contains($part); "the content security policy lacks \($part)")))
