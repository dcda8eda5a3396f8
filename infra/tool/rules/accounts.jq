# Who may deploy into an account, and what CloudFormation may make there.

# A deployment role is put on by its service's pipeline and by nobody else.
rule("deploy-role-open";
  allowing
  | select((.resource.Properties.RoleName | text | startswith("tern-deploy-")) and covers("sts:AssumeRole"))
  | condition("ArnEquals"; "aws:PrincipalArn") as $who
  | must(
      $who != [] and all($who[]; (contains("*") | not) and contains_any(":role/tern-pipeline-", ":role/tern-publish-"));
      "ArnEquals aws:PrincipalArn must name the pipeline's roles, without a wildcard"),
    must(condition("StringEquals"; "aws:PrincipalOrgID") != []; "StringEquals must name aws:PrincipalOrgID")),

rule("passes-any-role";
  allowing
  | select(covers("iam:PassRole") and (.is_excused | not))
  | (.Resource | text) as $role
  | must($role != "*" and ($role | endswith(":role/*") | not); "\(.name) passes any role: name which"),
    must(
      condition("StringEquals"; "iam:PassedToService") != [];
      "\(.name) passes roles to any service: name iam:PassedToService")),

# Who makes roles without a bound can make one that may do everything, and so may do everything.
rule("unbounded-role-maker";
  def names_bound($operator): condition($operator; "iam:PermissionsBoundary") != [];
  allowing
  | .id as $id
  | (("iam:CreateRole", "iam:PutRolePolicy") as $action
     | select(covers($action))
     | must(
         names_bound("StringEquals")
           or any(
             $statements[] | select(.id == $id and .Effect == "Deny" and covers($action));
             is_of_everything and names_bound("StringNotEquals"));
         "\(.name) allows \($action) without a bound: name iam:PermissionsBoundary")),
    (("iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary", "iam:AttachRolePolicy",
      "iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion") as $action
     | must(covers($action) | not; "\(.name) allows \($action), which undoes bounds"))),

# Templates retain what holds state, so nobody who deploys needs to delete it.
rule("deletes-what-is-kept";
  allowing
  | select((manages_its_key or .is_excused) | not)
  | .actions[] as $action
  | must(
      $action | one_of(
        "dynamodb:DeleteTable", "s3:DeleteBucket", "s3:DeleteObject", "s3:DeleteObjectVersion", "kms:ScheduleKeyDeletion",
        "sqs:DeleteQueue", "secretsmanager:DeleteSecret", "cognito-idp:DeleteUserPool", "logs:DeleteLogGroup") | not;
      "\(.name) allows \($action): what it deletes can't be made again")),

# The whole organisation's stacks may put it on: it shows outputs, and nothing else.
rule("lookup-reads-more";
  allowing
  | select((.resource.Properties.RoleName | text) == "tern-lookup" and (covers("sts:AssumeRole") | not))
  | .actions[] as $action
  | must(
      $action == "cloudformation:DescribeStacks";
      "tern-lookup allows \($action): it reads outputs, by cloudformation:DescribeStacks"))
