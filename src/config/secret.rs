//! Secrets. A variable `X` contains the secret itself, or `X_ARN` says where Secrets Manager has it. On AWS
//! only the second is used, so that no environment contains a secret.

use super::{AwsConfig, ConfigError, Result, read_base_url, read_optional};

/// A secret, or where to read it.
#[derive(Clone)]
pub enum Secret {
    /// The secret itself.
    Value(String),
    /// The secret is in Secrets Manager.
    Stored(StoredSecret),
}

/// A secret in Secrets Manager. Its whole text is the value.
#[derive(Clone)]
pub struct StoredSecret {
    /// The variable that contains the ARN, such as `JWT_SECRET_ARN`.
    pub variable: &'static str,
    /// The ARN of the secret.
    pub arn: String,
    /// The region of the secret, and the credentials that sign requests.
    pub aws: AwsConfig,
    /// `SECRETS_ENDPOINT`: the URL of Secrets Manager. `None`: Secrets Manager itself.
    pub endpoint: Option<String>,
}

impl Secret {
    /// Reads a secret from `variable`, or its ARN from `arn_variable`. Returns `None` if neither is set.
    pub(super) fn read(variable: &'static str, arn_variable: &'static str) -> Result<Option<Self>> {
        let Some(value) = read_optional(variable)? else {
            return Ok(StoredSecret::read(arn_variable)?.map(Self::Stored));
        };
        if read_optional(arn_variable)?.is_some() {
            let problem = format!("and {arn_variable} are both set: unset one of them");
            return Err(ConfigError { variable, problem });
        }
        Ok(Some(Self::Value(value)))
    }
}

impl StoredSecret {
    /// Reads the ARN of a secret from a variable. Returns `None` if it is not set.
    pub(super) fn read(variable: &'static str) -> Result<Option<Self>> {
        let Some(arn) = read_optional(variable)? else { return Ok(None) };
        // The error does not quote the text: it may be the secret itself.
        let region = region_of(&arn).ok_or_else(|| ConfigError {
            variable,
            problem: "is not the ARN of a secret: set it to \
                      arn:aws:secretsmanager:<region>:<account>:secret:<name>"
                .into(),
        })?;
        let aws = AwsConfig { region: region.to_owned(), ..AwsConfig::from_env()? };
        Ok(Some(Self { variable, aws, endpoint: read_base_url("SECRETS_ENDPOINT")?, arn }))
    }

    /// Reads `DATABASE_APP_PASSWORD_ARN`: the secret with the password of the role `docuvault_app`. Returns
    /// `None` if it is not set.
    pub fn app_password_from_env() -> Result<Option<Self>> {
        Self::read("DATABASE_APP_PASSWORD_ARN")
    }

    /// The name of the secret: the end of its ARN.
    pub fn name(&self) -> &str {
        self.arn.rsplit(':').next().unwrap_or_default()
    }
}

/// Returns the region in the ARN of a secret. Returns `None` if the text is not such an ARN.
fn region_of(arn: &str) -> Option<&str> {
    let parts: Vec<_> = arn.split(':').collect();
    match parts[..] {
        ["arn", _, "secretsmanager", region, account, "secret", name] => {
            [region, account, name].iter().all(|part| !part.is_empty()).then_some(region)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_region_of_a_secret_is_in_its_arn() {
        let arn = "arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:vault/jwt-AbCdEf";
        assert_eq!(region_of(arn), Some("cn-north-1"));
    }

    #[test]
    fn other_texts_are_not_the_arn_of_a_secret() {
        for text in [
            "",
            "vault/jwt",
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:",
            "arn:aws:secretsmanager::123456789012:secret:vault/jwt-AbCdEf",
            "arn:aws:secretsmanager:eu-west-1:123456789012:vault/jwt-AbCdEf",
            "arn:aws:ssm:eu-west-1:123456789012:secret:vault/jwt-AbCdEf",
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:vault/jwt-AbCdEf:password::",
        ] {
            assert_eq!(region_of(text), None, "{text}");
        }
    }
}
