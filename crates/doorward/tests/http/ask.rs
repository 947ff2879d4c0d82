//! A request on its way to the public router.

use std::{
    net::{IpAddr, SocketAddr},
    pin::Pin,
};

use axum::{body::Body, extract::ConnectInfo};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, header};
use serde_json::Value as Json;
use tower_service::Service;

use crate::{answer::Answer, browser::Browser, jar::Place, late_body::LateBody, world::World};

/// Where browsers and programs sit.
const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 10));

/// A request; awaiting it sends it.
pub(crate) struct Ask {
    world: World,
    browser: Option<Browser>,
    method: Method,
    target: String,
    headers: HeaderMap,
    body: Vec<u8>,
    /// What happens once the server has read the head and wants the body.
    meanwhile: Option<Box<Self>>,
    peer: IpAddr,
    sends_csrf: bool,
}

impl Ask {
    pub(crate) fn new(world: World, browser: Option<Browser>, method: Method, target: &str) -> Self {
        let mut headers = HeaderMap::new();
        if browser.is_some() {
            headers.insert(
                header::USER_AGENT,
                HeaderValue::from_static("Mozilla/5.0 (X11; Linux) Firefox/140.0"),
            );
            headers.insert("sec-fetch-site", HeaderValue::from_static("same-origin"));
        }
        let target = target.to_owned();
        let (body, meanwhile) = (Vec::new(), None);
        Self { world, browser, method, target, headers, body, meanwhile, peer: HERE, sends_csrf: true }
    }

    /// With this header, instead of what else would be sent under its name.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers
            .insert(name.parse::<HeaderName>().unwrap(), HeaderValue::from_bytes(value.as_bytes()).unwrap());
        self
    }

    /// With one more header of this name.
    pub(crate) fn another(mut self, name: &str, value: &str) -> Self {
        self.headers
            .append(name.parse::<HeaderName>().unwrap(), HeaderValue::from_bytes(value.as_bytes()).unwrap());
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// With exactly this Cookie header.
    pub(crate) fn cookies(self, header: &str) -> Self {
        self.header("cookie", header)
    }

    pub(crate) fn from(mut self, address: &str) -> Self {
        self.peer = address.parse().unwrap();
        self
    }

    pub(crate) fn user_agent(self, text: &str) -> Self {
        self.header("user-agent", text)
    }

    /// Without the CSRF header that our own scripts send.
    pub(crate) fn without_csrf(mut self) -> Self {
        self.sends_csrf = false;
        self
    }

    /// With this CSRF header.
    pub(crate) fn csrf(self, token: &str) -> Self {
        self.header("x-csrf-token", token)
    }

    pub(crate) fn json(self, body: &Json) -> Self {
        for member in ["password", "current_password", "new_password", "refresh_token"] {
            if let Some(secret) = body[member].as_str() {
                self.world.remember_secret(secret);
            }
        }
        self.raw("application/json", body.to_string().into_bytes())
    }

    pub(crate) fn form(self, fields: &[(&str, &str)]) -> Self {
        for (name, value) in fields {
            if name.contains("password") || name.contains("token") {
                self.world.remember_secret(value);
            }
        }
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        let body = body.extend_pairs(fields).finish();
        self.raw("application/x-www-form-urlencoded", body.into_bytes())
    }

    pub(crate) fn raw(mut self, content_type: &str, body: Vec<u8>) -> Self {
        self.body = body;
        self.header("content-type", content_type)
    }

    /// With its body kept back until somebody else's request has been answered.
    pub(crate) fn after_the_head(mut self, meanwhile: Self) -> Self {
        self.meanwhile = Some(Box::new(meanwhile));
        self
    }

    /// As a person's navigation.
    pub(crate) fn navigation(self) -> Self {
        self.header("accept", "text/html,application/xhtml+xml")
            .header("sec-fetch-mode", "navigate")
            .header("sec-fetch-dest", "document")
    }

    /// From a page of another site: Strict cookies stay at home.
    pub(crate) fn cross_site(self) -> Self {
        self.header("sec-fetch-site", "cross-site")
    }

    fn place<'a>(&'a self, host: &'a str) -> Place<'a> {
        let path = self.target.split('?').next().unwrap();
        Place { https: self.world.config().public_url.scheme() == "https", host, path }
    }

    fn complete(&mut self) -> String {
        let url = &self.world.config().public_url;
        if !self.headers.contains_key(header::HOST) {
            let host = url.host_str().unwrap();
            let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
            self.headers.insert(header::HOST, HeaderValue::try_from(host).unwrap());
        }
        let host = self.headers[header::HOST].to_str().unwrap().split(':').next().unwrap().to_owned();
        let Some(browser) = self.browser.clone() else { return host };
        let same_site = self.headers.get("sec-fetch-site").is_none_or(|site| site != "cross-site");
        if !self.headers.contains_key(header::COOKIE)
            && let Some(cookies) = browser.cookie_header(self.place(&host), same_site)
        {
            self.headers.insert(header::COOKIE, HeaderValue::try_from(cookies).unwrap());
        }
        let is_unsafe = !matches!(self.method, Method::GET | Method::HEAD | Method::OPTIONS);
        if self.sends_csrf && is_unsafe && !self.headers.contains_key("x-csrf-token") {
            let name = csrf_cookie_name(&self.world);
            if let Some(token) = browser.script_reads(&name, self.place(&host)) {
                self.headers.insert("x-csrf-token", HeaderValue::try_from(token).unwrap());
            }
        }
        host
    }

    /// Sends it, and leaves its answer to be read, for one that does not end.
    pub(crate) async fn open(mut self) -> Response<Body> {
        self.complete();
        self.call().await.0
    }

    async fn send(mut self) -> Answer {
        let host = self.complete();
        let (response, fronts) = self.call().await;
        let answer = Answer::of(response).await;
        if let Some(fronts) = fronts {
            self.check_same(&answer, fronts).await;
        }
        answer.check_promises(self.target.split('?').next().unwrap());
        for cookie in answer.set_cookies().iter().filter(|cookie| !cookie.value.is_empty()) {
            self.world.remember_secret(&cookie.value);
        }
        if let Some(browser) = &self.browser {
            browser.take_in(&answer, self.place(&host));
        }
        answer
    }

    /// The router's answer; and where forward authentication is answered ahead of it, what that says before and after.
    async fn call(&mut self) -> (Response<Body>, Option<[Response<Body>; 2]>) {
        let body = std::mem::take(&mut self.body);
        let body = match self.meanwhile.take() {
            None => Body::from(body),
            Some(meanwhile) => LateBody::after(async { drop((*meanwhile).await) }, body),
        };
        let mut request = Request::new(body);
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.target.parse().unwrap();
        *request.headers_mut() = self.headers.clone();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(self.peer, 50_000)));
        let mut asked = Request::new(());
        *asked.uri_mut() = request.uri().clone();
        *asked.method_mut() = self.method.clone();
        *asked.headers_mut() = self.headers.clone();
        let front = || self.world.doorward().forward_auth(self.peer, &asked);
        let before = front();
        let response = self.world.router().call(request).await.unwrap();
        (response, before.zip(front()).map(|(before, after)| [before, after]))
    }

    /// That the answer ahead of the router is the router's; somebody else may have changed it in between.
    async fn check_same(&self, answer: &Answer, fronts: [Response<Body>; 2]) {
        let mut others = Vec::new();
        for front in fronts {
            others.push(Answer::of(front).await.without_its_id(&self.method));
        }
        assert!(others.contains(&answer.without_its_id(&self.method)), "{answer:?} {others:?}");
    }
}

fn csrf_cookie_name(world: &World) -> String {
    let cookies = &world.config().cookies;
    cookies.csrf_name.clone().unwrap_or_else(|| {
        match (world.config().public_url.scheme(), &cookies.domain) {
            ("https", None) => "__Host-dw_csrf",
            ("https", Some(_)) => "__Secure-dw_csrf",
            _ => "dw_csrf",
        }
        .to_owned()
    })
}

impl IntoFuture for Ask {
    type Output = Answer;
    type IntoFuture = Pin<Box<dyn Future<Output = Answer> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

/// Sends all of them at once, each on a task of its own; the answers in the order of the requests.
pub(crate) async fn at_once(asks: impl IntoIterator<Item = Ask>) -> Vec<Answer> {
    let tasks: Vec<_> = asks.into_iter().map(|ask| tokio::spawn(ask.into_future())).collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    answers
}
