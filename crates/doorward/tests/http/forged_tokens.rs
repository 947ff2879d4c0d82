//! Access tokens that we did not issue, or not so (RFC 8725).

use aws_lc_rs::{hmac, signature::Ed25519KeyPair};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value as Json, json};

use crate::world::{PASSWORD, Plan, World};

async fn world() -> World {
    World::with(|config| config.token_endpoint = true).await
}

async fn access_token(world: &World) -> String {
    let body = json!({"username": "root", "password": PASSWORD});
    let tokens = world.post("/auth/v1/token").json(&body).await.ok();
    tokens["access_token"].as_str().unwrap().to_owned()
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

fn decode(segment: &str) -> Json {
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(segment).unwrap()).unwrap()
}

fn segments(token: &str) -> [&str; 3] {
    let parts: Vec<_> = token.split('.').collect();
    parts.try_into().unwrap()
}

/// Refused as a bearer token and as a cookie, by the API and by forward authentication.
async fn assert_refused(world: &World, token: &str) {
    world.get("/auth/v1/me").bearer(token).await.refused(401, "token_invalid");
    world.get("/auth/v1/me").cookies(&format!("dw_session={token}")).await.refused(401, "token_invalid");
}

async fn public_key(world: &World) -> (String, Vec<u8>) {
    let keys = world.get("/auth/.well-known/jwks.json").await.ok();
    let key = &keys["keys"][0];
    let x = BASE64_URL_SAFE_NO_PAD.decode(key["x"].as_str().unwrap()).unwrap();
    (key["kid"].as_str().unwrap().to_owned(), x)
}

#[tokio::test]
async fn a_token_of_ours_has_the_header_and_claims_of_the_contract() {
    let world = world().await;
    let token = access_token(&world).await;
    let [header, payload, _] = segments(&token);
    let (kid, _) = public_key(&world).await;
    assert_eq!(decode(header), json!({"alg": "EdDSA", "typ": "at+jwt", "kid": kid}));
    let claims = decode(payload);
    assert_eq!(claims["iss"], "http://localhost:8080/auth");
    assert_eq!(claims["aud"], "http://localhost:8080");
    assert_eq!((&claims["iat"], &claims["nbf"]), (&json!(1_800_000_000), &json!(1_800_000_000)));
    assert_eq!(claims["exp"], 1_800_000_900);
    assert_eq!(claims["auth_time"], 1_800_000_000);
    assert_eq!((&claims["aal"], &claims["amr"]), (&json!(1), &json!(["pwd"])));
    assert_eq!((&claims["roles"], &claims["name"]), (&json!(["admin"]), &json!("root")));
    assert_eq!((&claims["pwc"], &claims["tr"]), (&json!(false), &json!("bearer")));
    for claim in ["sub", "sid", "jti", "bnd"] {
        assert!(claims[claim].is_string(), "{claim}");
    }
    assert!(claims["sv"].is_u64() && claims["uv"].is_u64());
    world.get("/auth/v1/me").bearer(&token).await.is(200);
}

#[tokio::test]
async fn no_two_tokens_share_a_jti() {
    let world = world().await;
    let jti = |token: String| decode(segments(&token)[1])["jti"].clone();
    assert_ne!(jti(access_token(&world).await), jti(access_token(&world).await));
}

#[tokio::test]
async fn alg_none_is_refused_in_every_spelling() {
    let world = world().await;
    let token = access_token(&world).await;
    let [header, payload, signature] = segments(&token);
    let kid = decode(header)["kid"].clone();
    for alg in ["none", "None", "NONE", "nOnE", ""] {
        let unsigned = encode(json!({"alg": alg, "typ": "at+jwt", "kid": kid}).to_string());
        assert_refused(&world, &format!("{unsigned}.{payload}.")).await;
        assert_refused(&world, &format!("{unsigned}.{payload}")).await;
        assert_refused(&world, &format!("{unsigned}.{payload}.{signature}")).await;
    }
    assert_refused(&world, &format!("{header}.{payload}.")).await;
}

#[tokio::test]
async fn hs256_keyed_with_our_public_key_is_refused() {
    let world = world().await;
    let token = access_token(&world).await;
    let [_, payload, _] = segments(&token);
    let (kid, public) = public_key(&world).await;
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", encode(&public));
    for key in [public.as_slice(), encode(&public).as_bytes(), pem.as_bytes()] {
        let header = encode(json!({"alg": "HS256", "typ": "at+jwt", "kid": kid}).to_string());
        let signed = format!("{header}.{payload}");
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), signed.as_bytes());
        assert_refused(&world, &format!("{signed}.{}", encode(tag))).await;
    }
}

#[tokio::test]
async fn a_foreign_key_is_refused_under_its_own_kid_and_under_ours() {
    let world = world().await;
    let token = access_token(&world).await;
    let [_, payload, _] = segments(&token);
    let (ours, _) = public_key(&world).await;
    let foreign = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    for kid in [ours.as_str(), "foreign", "", "../../etc/passwd", "' OR 1=1 --"] {
        let header = encode(json!({"alg": "EdDSA", "typ": "at+jwt", "kid": kid}).to_string());
        let signed = format!("{header}.{payload}");
        let forged = format!("{signed}.{}", encode(foreign.sign(signed.as_bytes())));
        assert_refused(&world, &forged).await;
    }
}

#[tokio::test]
async fn a_key_brought_along_in_the_header_is_not_used() {
    let world = world().await;
    let token = access_token(&world).await;
    let [_, payload, _] = segments(&token);
    let (kid, _) = public_key(&world).await;
    let foreign = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    let x = encode(aws_lc_rs::signature::KeyPair::public_key(&foreign));
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": x});
    let header =
        json!({"alg": "EdDSA", "typ": "at+jwt", "kid": kid, "jwk": jwk, "jku": "https://evil.example/jwks"});
    let signed = format!("{}.{payload}", encode(header.to_string()));
    assert_refused(&world, &format!("{signed}.{}", encode(foreign.sign(signed.as_bytes())))).await;
}

#[tokio::test]
async fn a_token_of_another_doorward_is_refused() {
    let world = world().await;
    let plan = Plan::at("http://localhost:8080").with(|config| config.token_endpoint = true);
    let other = plan.master(&"E".repeat(43)).start().await;
    assert_refused(&world, &access_token(&other).await).await;
}

#[tokio::test]
async fn a_token_of_the_same_keys_for_another_issuer_or_audience_is_refused() {
    let world = world().await;
    let moved = world.restarted(|config| config.base_path = "/other".to_owned()).await;
    let token = access_token(&world).await;
    moved.get("/other/v1/me").bearer(&token).await.refused(401, "token_invalid");
    let elsewhere = world.restarted(|config| config.audience = Some("another app".to_owned())).await;
    elsewhere.get("/auth/v1/me").bearer(&token).await.refused(401, "token_invalid");
    let own = access_token(&elsewhere).await;
    elsewhere.get("/auth/v1/me").bearer(&own).await.is(200);
    world.get("/auth/v1/me").bearer(&own).await.refused(401, "token_invalid");
}

#[tokio::test]
async fn one_changed_character_anywhere_makes_a_token_invalid() {
    let world = world().await;
    let token = access_token(&world).await;
    for at in (0..token.len()).step_by(7).chain([token.len() - 1, token.len() - 2]) {
        let mut bytes = token.clone().into_bytes();
        bytes[at] = match bytes[at] {
            b'A' => b'B',
            _ => b'A',
        };
        let changed = String::from_utf8(bytes).unwrap();
        world.get("/auth/v1/me").bearer(&changed).await.refused(401, "token_invalid");
    }
}

#[tokio::test]
async fn claims_raised_by_hand_are_refused() {
    let world = world().await;
    world.user("ann", &[]).await;
    let body = json!({"username": "ann", "password": PASSWORD});
    let tokens = world.post("/auth/v1/token").json(&body).await.ok();
    let token = tokens["access_token"].as_str().unwrap();
    let [header, payload, signature] = segments(token);
    for (claim, value) in
        [("roles", json!(["admin"])), ("exp", json!(9_999_999_999_u64)), ("tr", json!("cookie"))]
    {
        let mut claims = decode(payload);
        claims[claim] = value;
        let forged = format!("{header}.{}.{signature}", encode(claims.to_string()));
        assert_refused(&world, &forged).await;
    }
}

#[tokio::test]
async fn texts_that_are_no_tokens_are_invalid() {
    let world = world().await;
    let token = access_token(&world).await;
    let long = "a".repeat(20_000);
    for text in [
        ".",
        "..",
        "...",
        "a.b",
        "a.b.c.d",
        " ",
        "=",
        &format!("{token}."),
        &format!("{token}="),
        &format!(".{token}"),
        &long,
        &format!("{token}{long}"),
    ] {
        world.get("/auth/v1/me").bearer(text).await.refused(401, "token_invalid");
    }
    let twice = world.get("/auth/v1/me").bearer(&token).another("authorization", &format!("Bearer {token}"));
    twice.await.refused(401, "token_invalid");
}
