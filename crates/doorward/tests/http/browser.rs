//! A browser: a cookie jar, and the headers that scripts cannot change.

use std::sync::{Arc, Mutex};

use http::Method;
use serde_json::json;

use crate::{
    answer::Answer,
    ask::Ask,
    jar::{Jar, Place, SetCookie},
    world::{PASSWORD, World},
};

/// A browser. Clones are tabs of one.
#[derive(Clone)]
pub(crate) struct Browser {
    world: World,
    jar: Arc<Mutex<Jar>>,
}

impl Browser {
    pub(crate) fn new(world: World) -> Self {
        Self { world, jar: Arc::default() }
    }

    /// Another browser with a copy of every cookie: what a thief of the jar has.
    pub(crate) fn copied(&self) -> Self {
        let jar = Arc::new(Mutex::new(self.jar.lock().unwrap().clone()));
        Self { world: self.world.clone(), jar }
    }

    /// The same jar before another process of the same Doorward.
    pub(crate) fn at(&self, world: &World) -> Self {
        Self { world: world.clone(), jar: Arc::clone(&self.jar) }
    }

    pub(crate) fn ask(&self, method: Method, target: &str) -> Ask {
        Ask::new(self.world.clone(), Some(self.clone()), method, target)
    }

    pub(crate) fn get(&self, target: &str) -> Ask {
        self.ask(Method::GET, target)
    }

    pub(crate) fn post(&self, target: &str) -> Ask {
        self.ask(Method::POST, target)
    }

    pub(crate) fn patch(&self, target: &str) -> Ask {
        self.ask(Method::PATCH, target)
    }

    pub(crate) fn delete(&self, target: &str) -> Ask {
        self.ask(Method::DELETE, target)
    }

    pub(crate) async fn login(&self, username: &str) -> Answer {
        self.login_with(username, PASSWORD).await
    }

    pub(crate) async fn login_with(&self, username: &str, password: &str) -> Answer {
        self.post("/auth/v1/login").json(&json!({"username": username, "password": password})).await
    }

    pub(crate) async fn refresh(&self) -> Answer {
        self.post("/auth/v1/refresh").await
    }

    pub(crate) fn refresh_ask(&self) -> Ask {
        self.post("/auth/v1/refresh")
    }

    /// What `GET /v1/session` says of these cookies: 200, or the code of the refusal.
    pub(crate) async fn state(&self) -> String {
        let answer = self.get("/auth/v1/session").await;
        if answer.status == 200 { "200".to_owned() } else { answer.code() }
    }

    /// The id of the session that `GET /v1/session` shows.
    pub(crate) async fn session_id(&self) -> String {
        self.get("/auth/v1/session").await.ok()["session"]["id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn cookie(&self, name: &str) -> String {
        self.jar.lock().unwrap().value(name).unwrap_or_else(|| panic!("no cookie {name}"))
    }

    pub(crate) fn has_cookie(&self, name: &str) -> bool {
        self.jar.lock().unwrap().value(name).is_some()
    }

    pub(crate) fn cookie_names(&self) -> Vec<String> {
        self.jar.lock().unwrap().names().into_iter().map(str::to_owned).collect()
    }

    pub(crate) fn replace_cookie(&self, name: &str, value: &str) {
        self.jar.lock().unwrap().replace(name, value);
    }

    pub(crate) fn forget_cookie(&self, name: &str) {
        self.jar.lock().unwrap().remove(name);
    }

    /// Takes in a cookie as if `host` had set it: a sibling subdomain, a page over http.
    pub(crate) fn plant(&self, set_cookie: &str, host: &str) {
        let place = Place { https: true, host, path: "/" };
        self.jar.lock().unwrap().store(&SetCookie::parse(set_cookie), place, self.world.now());
    }

    pub(crate) fn cookie_header(&self, place: Place<'_>, same_site: bool) -> Option<String> {
        self.jar.lock().unwrap().header(place, self.world.now(), same_site)
    }

    pub(crate) fn script_reads(&self, name: &str, place: Place<'_>) -> Option<String> {
        self.jar.lock().unwrap().readable(name, place, self.world.now())
    }

    pub(crate) fn take_in(&self, answer: &Answer, place: Place<'_>) {
        let mut jar = self.jar.lock().unwrap();
        for cookie in answer.set_cookies() {
            jar.store(&cookie, place, self.world.now());
        }
    }
}
