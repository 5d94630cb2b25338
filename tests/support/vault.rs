//! A vault in this process: it has its own database, bucket and queue, and the routes of all functions in one
//! router.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use axum::Router;
use docuvault::account::Rules;
use docuvault::auth::{Tokens, User};
use docuvault::db::account::NewAccount;
use docuvault::factor::Factors;
use docuvault::id::UserId;
use docuvault::language::Language;
use docuvault::limits::MAX_UPLOAD_BYTES;
use docuvault::role::Role;
use docuvault::token::OpaqueToken;
use docuvault::visit::Visit;
use docuvault::{config, http, password};
use extract::Extractor;
use futures_util::FutureExt as _;
use openapi::{
    account, admin, auth, confirm, delete, documents, health, passkeys, quota, topics, upload_url,
};

use crate::classification::extractor;
use crate::queue::create_queue;
use crate::store::root_credentials;
use crate::{Client, DEAD_LETTER_QUEUE_ARN, MailFolder, Services, TestBucket, TestDatabase};

/// The secret with which tests sign access tokens.
pub const SECRET: &str = "what the tests sign their tokens with";

/// The key with which tests encrypt the secrets of second factors.
pub const FACTOR_KEY: &str = "what the tests encrypt TOTP secrets with";

/// The origin of the page that may use sessions.
pub const WEB_ORIGIN: &str = "https://vault.example.com";

/// A vault for one test: its database, its bucket, its queue and the settings of its functions.
pub struct TestVault {
    /// The database.
    pub database: TestDatabase,
    /// The bucket in MinIO.
    pub bucket: TestBucket,
    /// The address of the queue.
    pub queue: config::QueueConfig,
    /// Limits of uploads. A change counts for routes that are built after it.
    pub limits: config::UploadLimits,
    /// Limits of requests about documents. A change counts for routes that are built after it.
    pub documents: config::DocumentLimits,
    /// Limits of topics. A change counts for routes that are built after it.
    pub topics: config::TopicLimits,
    /// The settings of `classify`.
    pub classification: config::ClassificationConfig,
    /// The models that administrators may assign. A change counts for routes that are built after it.
    pub models: config::AiModels,
    /// The extractor of `classify`.
    pub extractor: Extractor,
    /// The pages that may use sessions. A change counts for routes that are built after it.
    pub origins: config::WebOrigins,
    /// The number of proxies in front of the gateway. A change counts for routes that are built after it.
    pub proxies: config::TrustedProxies,
    /// The settings of registrations and logins. A change counts for routes that are built after it.
    pub accounts: Rules,
    /// The settings of second factors. A change counts for routes that are built after it.
    pub factors: config::FactorConfig,
    /// The folder to which mails are written.
    pub mails: MailFolder,
    /// The secret that signs access tokens. A change counts for routes that are built after it.
    pub secret: config::Secret,
}

impl TestVault {
    /// Creates a vault with the default limits and the builtin provider.
    pub async fn new() -> Self {
        let (database, bucket, queue) =
            tokio::join!(TestDatabase::migrated(), TestBucket::create(), create_queue());
        Self {
            database,
            bucket,
            queue,
            limits: config::UploadLimits {
                max_bytes: MAX_UPLOAD_BYTES,
                max_pending: config::UploadLimits::MAX_PENDING,
                urls_per_hour: config::UploadLimits::URLS_PER_HOUR,
            },
            documents: config::DocumentLimits {
                classifications_per_hour: config::DocumentLimits::CLASSIFICATIONS_PER_HOUR,
            },
            topics: config::TopicLimits { max_own: config::TopicLimits::MAX_OWN },
            classification: classification_config(),
            models: config::AiModels::parse("builtin/builtin,ollama/llama3.2").unwrap(),
            extractor: extractor(),
            origins: config::WebOrigins::parse(WEB_ORIGIN).unwrap(),
            proxies: config::TrustedProxies::default(),
            accounts: account_rules(),
            factors: config::FactorConfig {
                keys: config::Secret::Value(FACTOR_KEY.into()),
                skew_steps: config::FactorConfig::SKEW_STEPS,
            },
            mails: MailFolder::new(),
            secret: config::Secret::Value(SECRET.into()),
        }
    }

    /// Returns the routes of all functions in one router, on the services of one sandbox.
    pub fn routes(&self, services: &Services) -> Router {
        let Services { db, storage, queue } = services.clone();
        let (tokens, limits) = (self.tokens(), self.limits);
        let (origins, proxies) = (self.origins.clone(), self.proxies);
        let factors = Factors::new(self.factors.clone()).unwrap();
        let routes = Router::new()
            .merge(auth::router(auth::Capabilities {
                tokens: tokens.clone(),
                db: db.clone(),
                rules: self.accounts.clone(),
                origins: origins.clone(),
                proxies,
                factors: factors.clone(),
            }))
            .merge(account::router(account::Capabilities {
                tokens: tokens.clone(),
                db: db.clone(),
                stores: storage.stores_of("account"),
                passwords: self.accounts.passwords.clone(),
                attempts: self.accounts.attempts,
                origins: origins.clone(),
                proxies,
                factors: factors.clone(),
                required: self.accounts.required,
            }))
            .merge(passkeys::router(passkeys::Capabilities {
                tokens: tokens.clone(),
                db: db.clone(),
                relying_party: self.relying_party(),
                origins,
                proxies,
                factors,
                attempts: self.accounts.attempts,
                required: self.accounts.required,
            }))
            .merge(admin::router(admin::Capabilities {
                tokens: tokens.clone(),
                db: db.clone(),
                models: self.models.clone(),
                proxies,
            }))
            .merge(quota::router(quota::Capabilities { tokens: tokens.clone(), db: db.clone() }))
            .merge(upload_url::router(upload_url::Capabilities {
                tokens: tokens.clone(),
                db: db.clone(),
                stores: storage.stores_of("upload-url"),
                limits,
            }))
            .merge(confirm::router(confirm::Capabilities {
                tokens: tokens.clone(),
                db: db.clone(),
                stores: storage.stores_of("confirm"),
                queue: queue.clone(),
                limits,
            }))
            .merge(delete::router(delete::Capabilities {
                tokens: tokens.clone(),
                db: db.clone(),
                stores: storage.stores_of("delete"),
            }))
            .merge(documents::router(documents::Capabilities {
                tokens: tokens.clone(),
                db: db.clone(),
                stores: storage.stores_of("documents"),
                queue: queue.clone(),
                limits: self.documents,
            }))
            .merge(topics::router(topics::Capabilities {
                tokens,
                db: db.clone(),
                limits: self.topics,
                proxies,
            }))
            .merge(health::router(health::Capabilities { db, storage: storage.client_of("health"), queue }));
        http::add_layers(routes)
    }

    fn relying_party(&self) -> passkeys::RelyingParty {
        passkeys::RelyingParty::new(&config::PasskeyConfig::new(None, &self.origins).unwrap()).unwrap()
    }

    /// Returns the signer of the vault's access tokens.
    pub fn tokens(&self) -> Tokens {
        Tokens::new(config::TokenConfig { secret: self.secret.clone() })
    }

    /// Returns a caller without a token.
    pub fn anonymous(&self) -> Client {
        Client::new(self.routes(&self.services()), None)
    }

    /// Creates a user.
    pub async fn create_user(&self) -> Client {
        self.create_account(Role::User, false).await
    }

    /// Creates an administrator.
    pub async fn create_admin(&self) -> Client {
        self.create_account(Role::Admin, false).await
    }

    /// Creates an account that can't log in: tests of the login register their own. The audit log has no
    /// entry about it, so that a test finds only what its own requests have written.
    pub async fn create_account(&self, role: Role, password_must_change: bool) -> Client {
        let (services, id) = (self.services(), UserId::new());
        let email = format!("{id}@example.com");
        let account = NewAccount {
            id,
            email: &email,
            password_hash: docuvault::password::DUMMY_HASH,
            role,
            password_must_change,
            language: Language::default(),
        };
        docuvault::db::account::create(&services.db, account, &Visit::default()).await.unwrap();
        // Uses a connection of its own, as the start of the session does.
        let superuser = self.database.connect_as("postgres").await;
        superuser.execute("delete from audit_log where target_id = $1", &[&id]).await.unwrap();
        let user = self.start_session(id).await;
        Client::new(self.routes(&services), Some((user, self.issue_token(user))))
    }

    /// Gives an account this password. Each password is hashed once: a hash takes long without optimization.
    pub async fn set_password(&self, id: UserId, password: &str) {
        static HASHES: Mutex<BTreeMap<String, String>> = Mutex::new(BTreeMap::new());
        let known = HASHES.lock().unwrap().get(password).cloned();
        let hash = match known {
            Some(hash) => hash,
            None => password::hash(password).await.unwrap(),
        };
        HASHES.lock().unwrap().insert(password.to_owned(), hash.clone());
        let statement = "update users set password_hash = $2 where id = $1";
        let changed = self.database.superuser().await.execute(statement, &[&id, &hash]).await.unwrap();
        assert_eq!(changed, 1);
    }

    /// Starts a session without a login. It has no refresh token.
    pub async fn start_session(&self, id: UserId) -> User {
        self.database.start_session(id).await
    }

    /// Makes the first refresh token of a session.
    pub async fn refresh_token(&self, user: User) -> OpaqueToken {
        let token = OpaqueToken::random().unwrap();
        let statement = "insert into refresh_tokens (token_hash, session_id, generation) values ($1, $2, 1)";
        let client = self.database.superuser().await;
        client.execute(statement, &[&token.hash(), &user.session]).await.unwrap();
        token
    }

    /// Returns the same account in a new session.
    pub async fn sign_in(&self, client: &Client) -> Client {
        let user = self.start_session(client.id()).await;
        Client::new(self.routes(&self.services()), Some((user, self.issue_token(user))))
    }

    /// Issues an access token, as a login would, signed with [`SECRET`].
    pub fn issue_token(&self, user: User) -> String {
        let tokens = Tokens::new(config::TokenConfig { secret: config::Secret::Value(SECRET.into()) });
        let issued = tokens.issue(user).now_or_never().expect("the secret need not be read");
        let token = serde_json::to_value(issued.unwrap()).unwrap();
        token["access_token"].as_str().unwrap().to_owned()
    }

    /// Returns the same caller in a sandbox of its own. Requests that run at once must not share a
    /// connection.
    pub fn in_own_sandbox(&self, client: &Client) -> Client {
        client.served_by(self.routes(&self.services()))
    }

    /// Sets a user's quota limit, in bytes.
    pub async fn set_limit(&self, user: UserId, bytes: i64) {
        let statement = "update quotas set limit_bytes = $2 where user_id = $1";
        let changed = self.database.superuser().await.execute(statement, &[&user, &bytes]).await.unwrap();
        assert_eq!(changed, 1);
    }
}

/// Returns the default settings of registrations and logins. No service is asked about passwords.
fn account_rules() -> Rules {
    let passwords = config::PasswordConfig { policy: config::PasswordPolicy::Classes, breaches_url: None };
    Rules {
        registration: config::Registration::Open,
        passwords: password::PasswordRules::new(passwords),
        attempts: config::AttemptLimits { address_factor: 1 },
        required: config::RequireFactor::None,
        verified_email: config::RequireVerifiedEmail(false),
    }
}

/// Returns the settings of `classify`: the default limits and the builtin provider.
pub fn classification_config() -> config::ClassificationConfig {
    config::ClassificationConfig {
        max_attempts: 5,
        dead_letters: DEAD_LETTER_QUEUE_ARN.into(),
        topics: config::TopicLimits { max_own: config::TopicLimits::MAX_OWN },
        max_bytes: 50 * 1024 * 1024,
        images: config::Images::Never,
        provider: "builtin".into(),
        model: "builtin".into(),
        providers: unreachable_providers(),
    }
}

/// Settings of model providers at an address where nothing listens, so that no test calls a real one.
fn unreachable_providers() -> config::ProviderConfig {
    let nowhere = Some("http://127.0.0.1:1".to_owned());
    config::ProviderConfig {
        ollama_url: nowhere.clone(),
        openai_url: nowhere.clone(),
        openai_key: None,
        anthropic_url: nowhere.clone(),
        anthropic_key: None,
        bedrock_url: nowhere,
        bedrock_key: None,
        aws: root_credentials(),
        system_prompt: None,
        timeout: Duration::from_secs(10),
        context_tokens: None,
    }
}
