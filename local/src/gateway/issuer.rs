use std::sync::Arc;

use api_types::{MemberId, UtcInstant};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use super::{ends, ring_signatures};

const ISSUER: &str = "https://local.tern.example";
const AUDIENCE: &str = "tern-local";

/// Makes and verifies access tokens: JWTs under HMAC-SHA-256 with the data folder's key.
#[derive(Clone)]
pub struct Issuer(Arc<Inner>);

struct Inner {
    signs: EncodingKey,
    verifies: DecodingKey,
    validation: Validation,
}

pub struct AccessToken {
    /// The token, for `Authorization: Bearer`.
    pub token: String,
    /// From then on it is refused.
    pub expires_at: UtcInstant,
}

/// A token's claims (RFC 7519).
#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: MemberId,
    iat: i64,
    exp: i64,
}

impl Issuer {
    /// The issuer of a data folder.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        ring_signatures::install();
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.leeway = 0; // one machine, one clock
        Self(Arc::new(Inner {
            signs: EncodingKey::from_secret(key),
            verifies: DecodingKey::from_secret(key),
            validation,
        }))
    }

    /// A token for `member_id`, made at `now`.
    pub fn issue(
        &self,
        member_id: &MemberId,
        now: UtcInstant,
    ) -> Result<AccessToken, jsonwebtoken::errors::Error> {
        let expires_at = ends(now);
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: member_id.clone(),
            iat: now.epoch_secs(),
            exp: expires_at.epoch_secs(),
        };
        let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.0.signs)?;
        Ok(AccessToken { token, expires_at })
    }

    /// Whose token it is; `None` when it is not one of ours, or over. Why is nobody's business.
    #[must_use]
    pub fn verify(&self, token: &str) -> Option<MemberId> {
        let data = jsonwebtoken::decode::<Claims>(token, &self.0.verifies, &self.0.validation).ok()?;
        Some(data.claims.sub)
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
    use service_kit::Clock;

    use super::*;

    fn issuer() -> Issuer {
        Issuer::new(&[7; 32])
    }

    fn member() -> MemberId {
        "kenji-mori".parse().unwrap()
    }

    fn token_of(issuer: &Issuer) -> String {
        issuer.issue(&member(), Clock::system().now()).unwrap().token
    }

    #[test]
    fn a_token_names_its_member_until_it_ends() {
        let now = Clock::system().now();
        let fresh = issuer().issue(&member(), now).unwrap();
        assert_eq!(issuer().verify(&fresh.token), Some(member()));
        assert_eq!(fresh.expires_at.epoch_secs() - now.epoch_secs(), 8 * 3600);
        let over = issuer().issue(&member(), now.plus_secs(-8 * 3600 - 1)).unwrap();
        assert_eq!(issuer().verify(&over.token), None);
    }

    #[test]
    fn only_what_this_key_signed_with_this_algorithm_counts() {
        let good = token_of(&issuer());
        let [header, claims, signature]: [&str; 3] = good.split('.').collect::<Vec<_>>().try_into().unwrap();
        let none = BASE64.encode(r#"{"alg":"none","typ":"JWT"}"#);
        let other_claims = BASE64.encode(
            String::from_utf8(BASE64.decode(claims).unwrap()).unwrap().replace("kenji-mori", "rafael-ortiz"),
        );
        for refused in [
            token_of(&Issuer::new(&[8; 32])),
            format!("{none}.{claims}."),
            format!("{none}.{claims}.{signature}"),
            format!("{header}.{other_claims}.{signature}"),
            format!("{header}.{claims}."),
            format!("{header}.{claims}"),
            "garbage".to_owned(),
            String::new(),
        ] {
            assert_eq!(issuer().verify(&refused), None, "{refused}");
        }
    }

    #[test]
    fn another_issuer_or_audience_is_refused_whatever_the_signature() {
        let now = Clock::system().now().epoch_secs();
        for (iss, aud, accepted) in
            [(ISSUER, AUDIENCE, true), ("https://elsewhere", AUDIENCE, false), (ISSUER, "other", false)]
        {
            let claims =
                Claims { iss: iss.to_owned(), aud: aud.to_owned(), sub: member(), iat: now, exp: now + 60 };
            let token =
                jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &issuer().0.signs).unwrap();
            assert_eq!(issuer().verify(&token).is_some(), accepted, "{iss} {aud}");
        }
    }
}
