//! Logins by IAM. The password of a new connection is a token: a presigned URL without its scheme, which the
//! database or its proxy checks with AWS. It is valid for 15 minutes, which matters only until the server has
//! accepted it. A connection in use needs no other one.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::time::Duration;

use aws_sigv4::http_request::SignableBody;
use deadpool_postgres::{ConfigConnectImpl, Connect};
use percent_encoding::utf8_percent_encode;
use time::OffsetDateTime;
use tokio::task::JoinHandle;
use tokio_postgres::{Client, Config, Error};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::aws::{ESCAPED, Signer, Validity};
use crate::{Result, config};

/// The lifetime of a token. The database accepts no longer one.
const LIFETIME: Duration = Duration::from_mins(15);

const SCHEME: &str = "https://";

/// Makes tokens for one database role.
pub struct IamTokens {
    signer: Signer,
    /// The URL that is signed.
    url: String,
}

impl IamTokens {
    /// Creates the maker of tokens for this login.
    pub fn new(login: &config::IamLogin) -> Self {
        let user = utf8_percent_encode(&login.user, ESCAPED);
        let url = format!("{SCHEME}{}/?Action=connect&DBUser={user}", login.address);
        Self { signer: Signer::new(&login.aws, "rds-db"), url }
    }

    /// Makes a token that is valid from the time `from`. Sends no request.
    pub fn create(&self, from: OffsetDateTime) -> Result<String> {
        let validity = Validity { from, lifetime: LIFETIME };
        let body = SignableBody::Bytes(&[]);
        let mut url = self.signer.presign("GET", self.url.clone(), &BTreeMap::new(), body, validity)?;
        Ok(url.split_off(SCHEME.len()))
    }
}

/// Opens connections with a new token each.
pub(super) struct IamConnect {
    pub(super) tokens: IamTokens,
    pub(super) connect: ConfigConnectImpl<MakeRustlsConnect>,
}

type Connected<'a> =
    Pin<Box<dyn Future<Output = std::result::Result<(Client, JoinHandle<()>), Error>> + Send + 'a>>;

impl Connect for IamConnect {
    fn connect(&self, config: &Config) -> Connected<'_> {
        let mut config = config.clone();
        // A token can always be made, because the parts of its URL were checked at the start. The server
        // would refuse an empty password.
        config.password(self.tokens.create(OffsetDateTime::now_utc()).unwrap_or_default());
        self.connect.connect(&config)
    }
}

#[cfg(test)]
mod tests {
    use aws_credential_types::Credentials;

    use super::*;

    /// The expected token is from botocore (`generate_db_auth_token`).
    #[test]
    fn a_token_is_the_one_that_aws_expects() {
        let credentials = Credentials::new("AKIDEXAMPLE", "secret", Some("tok/en+==".into()), None, "test");
        let tokens = IamTokens::new(&config::IamLogin {
            address: "vault.proxy-abc.eu-central-1.rds.amazonaws.com:5432".parse().unwrap(),
            user: "docuvault_app".into(),
            aws: config::AwsConfig { region: "eu-central-1".into(), credentials },
        });
        let token = tokens.create(OffsetDateTime::from_unix_timestamp(1_767_323_045).unwrap()).unwrap();
        let expected = "vault.proxy-abc.eu-central-1.rds.amazonaws.com:5432/?Action=connect\
            &DBUser=docuvault_app&X-Amz-Algorithm=AWS4-HMAC-SHA256\
            &X-Amz-Credential=AKIDEXAMPLE%2F20260102%2Feu-central-1%2Frds-db%2Faws4_request\
            &X-Amz-Date=20260102T030405Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host\
            &X-Amz-Security-Token=tok%2Fen%2B%3D%3D\
            &X-Amz-Signature=89d97f050a04b4c823d2ef0e1a0b82be15bd2c194c5eb635685ea715f8f9d011";
        assert_eq!(sorted(&token), sorted(expected));
    }

    /// The parts of a token in alphabetical order: their order in the query does not matter.
    fn sorted(token: &str) -> Vec<&str> {
        let mut parts: Vec<_> = token.split(['?', '&']).collect();
        parts.sort_unstable();
        parts
    }
}
