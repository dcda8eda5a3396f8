//! A release handed on: uploaded once, published in the web app's account as its deploy role, and never half unsaid.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::emulator::Emulator;

const BUCKET: &str = "tern-releases-555555555555-eu-west-1";
const FACTS: &str = r#"dev={"BookingAccountId":"222222222222","AirmilesAccountId":"333333333333",
    "MembersAccountId":"111111111111","WebDomain":"tern.example",
    "CertificateArn":"arn:aws:acm:us-east-1:WEB:certificate/tern"}"#;

/// Puts on a role of Tools, as the service does that runs the step, and prints its credentials.
const PUT_ON: &str = r"
tools = '555555555555'
trust = {'Version': '2012-10-17', 'Statement': [{
    'Effect': 'Allow', 'Action': 'sts:AssumeRole', 'Principal': {'AWS': f'arn:aws:iam::{tools}:root'}}]}
client('iam', tools, 'eu-west-1').update_assume_role_policy(RoleName=ROLE, PolicyDocument=json.dumps(trust))
given = client('sts', tools, 'eu-west-1').assume_role(RoleArn=f'arn:aws:iam::{tools}:role/{ROLE}', RoleSessionName='step')
print(json.dumps([given['Credentials'][name] for name in ('AccessKeyId', 'SecretAccessKey', 'SessionToken')]))
";

/// What is there afterwards in the account WEB, as JSON.
const AFTER: &str = r"
s3 = client('s3', 'WEB', 'us-east-1')
bucket = next(b['Name'] for b in s3.list_buckets()['Buckets'] if b['Name'].startswith('tern-dev-web-files'))
kept = {key: s3.head_object(Bucket=bucket, Key=key)['CacheControl'] for key in ('index.html', 'app-0123456789abcdef.js')}
cloudfront = client('cloudfront', 'WEB', 'us-east-1')
distribution = cloudfront.list_distributions()['DistributionList']['Items'][0]['Id']
forgotten = cloudfront.list_invalidations(DistributionId=distribution)['InvalidationList']['Items']
paths = cloudfront.get_invalidation(DistributionId=distribution, Id=forgotten[0]['Id'])
print(json.dumps({'kept': kept, 'forgotten': paths['Invalidation']['InvalidationBatch']['Paths']['Items']}))
";

impl Emulator {
    /// What a pipeline's step does as one of its roles: whether it went well, and all that was said.
    fn step(&self, role: &str, words: &[&str]) -> (bool, String) {
        let given = self.python(&format!("ROLE = '{role}'{PUT_ON}"));
        let given: Vec<String> = serde_json::from_str(&given).unwrap();
        let mut tool = Command::new(env!("CARGO_BIN_EXE_infra-tool"));
        tool.args(words).env("AWS_ENDPOINT_URL", &self.url);
        for (name, value) in
            ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"].into_iter().zip(given)
        {
            tool.env(name, value);
        }
        let done = tool.output().unwrap();
        let said = [done.stdout, done.stderr].map(|said| String::from_utf8(said).unwrap()).concat();
        (done.status.success(), said)
    }
}

#[test]
#[ignore = "needs the emulator: cargo xtask test emulate"]
fn a_release_is_uploaded_once_and_published_documents_last() {
    let services = ["members", "booking", "airmiles", "web"].map(|service| ["--only", service]);
    let emulator = Emulator::start(&services.concat());
    let web = emulator.account("web");
    let (facts, after) = (FACTS.replace("WEB", web), AFTER.replace("WEB", web));
    let folder = tempfile::tempdir().unwrap();
    let [dist, release, former] =
        ["dist", "release", "former.json"].map(|name| folder.path().join(name).display().to_string());
    std::fs::create_dir(&dist).unwrap();
    for (name, text) in [("index.html", "<script>1</script>"), ("app-0123456789abcdef.js", "1")] {
        std::fs::write(Path::new(&dist).join(name), text).unwrap();
    }
    let (builds, publishes) = ("tern-build-web", "tern-publish-web");
    let done = |role: &str, words: &[&str]| {
        let (well, said) = emulator.step(role, words);
        assert!(well, "{words:?}: {said}");
        said
    };
    let beside = ["--bucket", BUCKET, "--region", "eu-west-1"];
    let fetch = [&["former", "web"], &beside[..], &["--into", &former]].concat();
    let build =
        ["release", "web", "--into", &release, "--dist", &dist, "--former", &former, "--environment", &facts];
    let upload = [&["upload", release.as_str()], &beside[..]].concat();

    done(builds, &fetch);
    assert_eq!(std::fs::read_to_string(&former).unwrap(), "[]", "nothing was released before");
    done(builds, &build);
    assert!(done(builds, &upload).contains("uploaded: web/"));
    assert!(
        done(builds, &upload).contains("there already: web/"),
        "the same release is not written a second time"
    );
    done(builds, &fetch);
    let kept: Value = serde_json::from_slice(&std::fs::read(&former).unwrap()).unwrap();
    assert_eq!(kept.as_array().unwrap().len(), 1, "the next release is told what this one brought inline");

    let into = |environment| {
        ["publish", &release, "--environment", environment, "--account", web, "--region", "us-east-1"]
    };
    assert!(done(publishes, &into("dev")).contains("published: 2 files in tern-dev-web-files"));
    let seen: Value = serde_json::from_str(&emulator.python(&after)).unwrap();
    assert_eq!(seen["kept"]["app-0123456789abcdef.js"], "public, max-age=31536000, immutable");
    assert_eq!(seen["kept"]["index.html"], "no-cache");
    assert_eq!(seen["forgotten"], serde_json::json!(["/", "/index.html"]));

    for (role, environment, why) in [
        (
            publishes,
            "qa",
            "tern-deploy-qa-web lets nobody in: is that the account's number, and is its baseline deployed?",
        ),
        // What runs others' build scripts can't deploy.
        (builds, "dev", "tern-deploy-dev-web lets nobody in"),
    ] {
        let (well, said) = emulator.step(role, &into(environment));
        assert!(!well && said.contains(why), "{role} in {environment}: {said}");
    }
}
