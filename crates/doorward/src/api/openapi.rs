//! `GET /v1/openapi.json`: the API's description, generated from the handlers.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        OpenApi as Document, PathItem, RefOr, Schema, Server,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use super::{
    audit, audit_export, audit_stream, keys, lockouts, login, overview, passkey_login, passkeys, password,
    recovery_codes, refresh, revocations, second_factor, session, setup, signing_keys, step_up, token, totp,
    users,
};
use crate::{
    account_name::is_single_operator, app::App, context::RequestContext, cookies::CookieKind,
    extract::cookie_name, forward_auth, router,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Doorward",
        description = "Authentication and sessions. Errors are RFC 9457 problem documents with a stable `code`.",
    ),
    paths(
        setup::setup_state, setup::complete_setup, login::login,
        second_factor::complete_login, passkey_login::passkey_login_options, passkey_login::login_by_passkey, token::token, refresh::refresh, session::logout,
        session::session, session::me, session::sessions, session::revoke_session, session::revoke_others,
        password::change_password, step_up::step_up, step_up::passkey_step_up_options, step_up::step_up_by_passkey,
        totp::begin_totp, totp::confirm_totp, totp::remove_totp, recovery_codes::replace_recovery_codes,
        passkeys::passkey_registration_options, passkeys::add_passkey, passkeys::passkeys, passkeys::remove_passkey,
        users::users, users::create_user, users::user, users::change_user,
        users::delete_user, users::revoke_user_sessions, users::unlock_user, users::forget_user_devices,
        users::reset_user_factors, users::reset_link, audit::audit,
        audit_export::export, audit_stream::stream,
        overview::overview, lockouts::lockouts, signing_keys::signing_keys, signing_keys::rotate_signing_key,
        revocations::revocations, openapi,
        keys::jwks, forward_auth::verify, router::healthz, router::readyz,
    ),
    components(schemas(session::Scope, audit_export::ExportFormat, revocations::Confirmation)),
    tags(
        (name = "session", description = "Logging in and out, and staying logged in."),
        (name = "factors", description = "Second factors, and showing them again."),
        (name = "setup", description = "The first administrator."),
        (name = "admin", description = "For administrators."),
        (name = "public", description = "For everybody."),
        (name = "proxy", description = "For reverse proxies and what runs the server."),
    ),
    security(("session_cookie" = []), ("bearer" = []), ()),
)]
struct Description;

/// The description for one deployment: its base path, its cookie names.
#[must_use]
pub(crate) fn document(app: &App) -> Document {
    let mut document = Description::openapi();
    Schemes { app }.modify(&mut document);
    if is_single_operator(app) {
        ask_for_no_name(&mut document);
    }
    // Health is at the root, so the base path belongs to each path and not to the server's URL.
    let server = app.fixed.issuer.strip_suffix(&app.fixed.base_path).unwrap_or(&app.fixed.issuer);
    document.servers = Some(vec![Server::new(server)]);
    let paths = std::mem::take(&mut document.paths.paths).into_iter();
    document.paths.paths = paths
        .map(|(path, item)| match path.as_str() {
            "/healthz" | "/readyz" => (path, item),
            VERIFY => (app.path(&path), named_by_method(item)),
            _ => (app.path(&path), item),
        })
        .collect();
    document
}

/// Bodies that name an account, where there is more than one.
const NAMING: [&str; 3] = ["LoginBody", "SetupBody", "PasswordGrant"];

/// Where there is a single operator, what a client may leave out is not required.
fn ask_for_no_name(document: &mut Document) {
    let Some(components) = &mut document.components else { return };
    for body in NAMING {
        if let Some(RefOr::T(Schema::Object(object))) = components.schemas.get_mut(body) {
            object.required.retain(|member| member != "username");
        }
    }
}

/// The endpoint that takes any method.
const VERIFY: &str = "/verify/{policy}";

/// One handler of several methods has one name, and names must be unique.
fn named_by_method(mut item: PathItem) -> PathItem {
    let methods = [
        ("head", &mut item.head),
        ("post", &mut item.post),
        ("put", &mut item.put),
        ("patch", &mut item.patch),
        ("delete", &mut item.delete),
        ("options", &mut item.options),
    ];
    for (method, operation) in methods {
        if let Some(operation) = operation {
            operation.operation_id = operation.operation_id.as_ref().map(|name| format!("{name}_{method}"));
        }
    }
    item
}

struct Schemes<'a> {
    app: &'a App,
}

impl Modify for Schemes<'_> {
    fn modify(&self, document: &mut Document) {
        let components = document.components.get_or_insert_default();
        let cookie =
            |kind| SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(cookie_name(self.app, kind))));
        components.add_security_scheme("session_cookie", cookie(CookieKind::Session));
        components.add_security_scheme("refresh_cookie", cookie(CookieKind::Refresh));
        components.add_security_scheme("pending_cookie", cookie(CookieKind::Pending));
        let csrf = ApiKeyValue::new(self.app.fixed.csrf_header.as_str());
        components.add_security_scheme("csrf", SecurityScheme::ApiKey(ApiKey::Header(csrf)));
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    }
}

/// This description.
#[utoipa::path(
    get, path = "/v1/openapi.json", tag = "public",
    responses((status = 200, description = "This description.", content_type = "application/json")),
)]
pub(crate) async fn openapi(context: RequestContext) -> Response {
    Json(document(context.app())).into_response()
}
