//! AWS clients from the environment that Lambda gives.
//!
//! There is no `aws-config`: it would bring a second TLS stack and 3 MB for sources of credentials that a
//! Lambda never uses.

mod connector;

use std::time::Duration;

use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{
    BehaviorVersion, Credentials, IdentityCache, Region, StalledStreamProtectionConfig,
};
use aws_smithy_runtime_api::client::http::SharedHttpClient;

/// Where AWS is, and as whom to speak to it.
#[derive(Clone, Debug)]
pub struct AwsEnv {
    region: Region,
    credentials: Credentials,
    dynamodb_endpoint: Option<String>,
    sns_endpoint: Option<String>,
}

/// A variable that a Lambda's environment must have.
#[derive(Debug, thiserror::Error)]
#[error("the environment variable {0} is missing")]
pub struct MissingVariable(pub &'static str);

impl AwsEnv {
    /// As `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN` and, for an emulator,
    /// `AWS_ENDPOINT_URL` or one service's own `AWS_ENDPOINT_URL_DYNAMODB`, `AWS_ENDPOINT_URL_SNS` say.
    ///
    /// # Errors
    /// When one of the first three is missing.
    pub fn from_env() -> Result<Self, MissingVariable> {
        let credentials = Credentials::new(
            variable("AWS_ACCESS_KEY_ID")?,
            variable("AWS_SECRET_ACCESS_KEY")?,
            std::env::var("AWS_SESSION_TOKEN").ok(),
            None,
            "environment",
        );
        Ok(Self {
            region: Region::new(variable("AWS_REGION")?),
            credentials,
            dynamodb_endpoint: endpoint("AWS_ENDPOINT_URL_DYNAMODB"),
            sns_endpoint: endpoint("AWS_ENDPOINT_URL_SNS"),
        })
    }

    /// An emulator at `endpoint_url`, which asks for no real credentials.
    #[must_use]
    pub fn emulated(endpoint_url: impl Into<String>) -> Self {
        let endpoint_url = endpoint_url.into();
        Self {
            region: Region::from_static("eu-west-1"),
            credentials: Credentials::new("local", "local", None, None, "emulated"),
            dynamodb_endpoint: Some(endpoint_url.clone()),
            sns_endpoint: Some(endpoint_url),
        }
    }
}

/// Reads a variable that must be there.
///
/// # Errors
/// When it is not set, or not text.
pub fn variable(name: &'static str) -> Result<String, MissingVariable> {
    std::env::var(name).map_err(|_| MissingVariable(name))
}

/// A service's own endpoint, or else the one for all.
fn endpoint(of_service: &str) -> Option<String> {
    std::env::var(of_service).or_else(|_| std::env::var("AWS_ENDPOINT_URL")).ok()
}

/// A DynamoDB client.
#[must_use]
pub fn dynamodb(env: &AwsEnv) -> aws_sdk_dynamodb::Client {
    let timeouts = Timeouts::of(env.dynamodb_endpoint.as_deref());
    dynamodb_client(env, connector::http_client(timeouts.connect), &timeouts)
}

/// A DynamoDB client whose requests go through `http_client`, to a store in this process.
#[must_use]
pub fn dynamodb_over(http_client: SharedHttpClient) -> aws_sdk_dynamodb::Client {
    dynamodb_client(&AwsEnv::emulated("http://in-process.invalid"), http_client, &Timeouts::OF_AN_EMULATOR)
}

fn dynamodb_client(
    env: &AwsEnv,
    http_client: SharedHttpClient,
    timeouts: &Timeouts,
) -> aws_sdk_dynamodb::Client {
    let mut config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(env.region.clone())
        .credentials_provider(env.credentials.clone())
        .http_client(http_client)
        .retry_config(RetryConfig::standard().with_max_attempts(3))
        // What comes back is small, and an attempt has its end: no need to watch the pace of its bytes.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        // They come from the environment and are as good as the process: nothing to keep and refresh.
        .identity_cache(IdentityCache::no_cache())
        .timeout_config(timeouts.config());
    config.set_endpoint_url(env.dynamodb_endpoint.clone());
    aws_sdk_dynamodb::Client::from_conf(config.build())
}

/// An SNS client.
#[must_use]
pub fn sns(env: &AwsEnv) -> aws_sdk_sns::Client {
    let timeouts = Timeouts::of(env.sns_endpoint.as_deref());
    let mut config = aws_sdk_sns::Config::builder()
        .behavior_version(aws_sdk_sns::config::BehaviorVersion::v2026_01_12())
        .region(env.region.clone())
        .credentials_provider(env.credentials.clone())
        .http_client(connector::http_client(timeouts.connect))
        .retry_config(RetryConfig::standard().with_max_attempts(3))
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .identity_cache(aws_sdk_sns::config::IdentityCache::no_cache())
        .timeout_config(timeouts.config());
    config.set_endpoint_url(env.sns_endpoint.clone());
    aws_sdk_sns::Client::from_conf(config.build())
}

/// The time-outs of a connection, of one attempt and of a call with all its attempts.
struct Timeouts {
    connect: Duration,
    attempt: Duration,
    operation: Duration,
}

impl Timeouts {
    /// Below any function's own timeout, so that a slow store ends in an answer and not in a killed process.
    const OF_AWS: Self = Self::of_secs(1, 3, 8);

    /// An emulator shares the machine with its callers: it may be slow, but it loses no request, and a retry would
    /// only add to its load.
    const OF_AN_EMULATOR: Self = Self::of_secs(3, 30, 60);

    const fn of_secs(connect: u64, attempt: u64, operation: u64) -> Self {
        Self {
            connect: Duration::from_secs(connect),
            attempt: Duration::from_secs(attempt),
            operation: Duration::from_secs(operation),
        }
    }

    fn of(endpoint_url: Option<&str>) -> Self {
        let emulated = endpoint_url.is_some_and(|url| url.starts_with("http://"));
        if emulated { Self::OF_AN_EMULATOR } else { Self::OF_AWS }
    }

    fn config(&self) -> TimeoutConfig {
        TimeoutConfig::builder()
            .operation_attempt_timeout(self.attempt)
            .operation_timeout(self.operation)
            .build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_client_of_aws_can_read_the_roots_it_carries() {
        let env = AwsEnv { dynamodb_endpoint: None, ..AwsEnv::emulated("") };
        let nobody_listens = aws_sdk_dynamodb::Config::builder().endpoint_url("https://127.0.0.1:1");
        // The first connection reads the roots, and panics on one it can't; then it is refused.
        let refused = dynamodb(&env).list_tables().customize().config_override(nobody_listens).send().await;
        assert!(matches!(refused, Err(aws_sdk_dynamodb::error::SdkError::DispatchFailure(_))), "{refused:?}");
    }
}
