//! Somebody with a browser, who may be sent to any node with each request, as behind a load balancer.

use doorward_testkit::browser::{Answer, Browser};
use doorward_testkit::history::{Asked, Ongoing, TokenName};
use serde_json::json;

use crate::stage::{SETUP_TOKEN, Stage};

/// Everybody's.
pub(crate) const PASSWORD: &str = "quarrel-lantern-mosaic-71";

const SESSION: &str = "dw_session";
const REFRESH: &str = "dw_refresh";

/// A user's browser. A clone is a copy of its cookies: what a second tab holds, or a thief.
#[derive(Clone)]
pub(crate) struct Person<'a> {
    stage: &'a Stage,
    name: String,
    browser: Browser,
}

impl<'a> Person<'a> {
    /// At a browser that never was here.
    pub(crate) fn new(stage: &'a Stage, name: &str) -> Self {
        Self { stage, name: name.to_owned(), browser: Browser::default() }
    }

    /// Signed in by this node.
    #[track_caller]
    pub(crate) fn signed_in(stage: &'a Stage, name: &str, node: usize) -> Self {
        let mut person = Self::new(stage, name);
        let answer = person.log_in(node);
        assert_eq!(answer.status, 200, "{name}: {}", answer.body);
        person
    }

    /// Sends a request to a node that runs.
    #[track_caller]
    pub(crate) fn ask(&mut self, node: usize, method: &str, path: &str, body: &str) -> Answer {
        let answer = self.try_to_ask(node, method, path, body);
        answer.unwrap_or_else(|| panic!("{}: no answer to {method} {path} by node {node}", self.name))
    }

    /// Sends a request to a node that may be on its way down; none when no whole answer came.
    pub(crate) fn try_to_ask(&mut self, node: usize, method: &str, path: &str, body: &str) -> Option<Answer> {
        self.browser.send(&self.stage.address(node)?, method, path, body)
    }

    /// Completes setup as the first administrator.
    pub(crate) fn set_up(&mut self, node: usize) -> Answer {
        let form = json!({ "setup_token": SETUP_TOKEN, "username": self.name, "password": PASSWORD });
        self.ask(node, "POST", "/v1/setup", &form.to_string())
    }

    /// Logs in with the right password.
    #[track_caller]
    pub(crate) fn log_in(&mut self, node: usize) -> Answer {
        let answer = self.try_to_log_in(node);
        answer.unwrap_or_else(|| panic!("{}: node {node} did not answer a login", self.name))
    }

    /// Logs in, if the node answers.
    pub(crate) fn try_to_log_in(&mut self, node: usize) -> Option<Answer> {
        let replaces =
            Some(self.browser.cookie(REFRESH)).filter(|token| !token.is_empty()).map(TokenName::of);
        let asked = self.recorded(node, Asked::LogIn { user: self.name.clone(), replaces });
        let answer = self.try_to_guess(node, PASSWORD)?;
        Some(self.answered(asked, answer))
    }

    /// Tries a password.
    #[track_caller]
    pub(crate) fn guess(&mut self, node: usize, password: &str) -> Answer {
        let answer = self.try_to_guess(node, password);
        answer.unwrap_or_else(|| panic!("{}: node {node} did not answer a login", self.name))
    }

    fn try_to_guess(&mut self, node: usize, password: &str) -> Option<Answer> {
        let form = json!({ "username": self.name, "password": password });
        self.try_to_ask(node, "POST", "/v1/login", &form.to_string())
    }

    /// Refreshes.
    #[track_caller]
    pub(crate) fn refresh(&mut self, node: usize) -> Answer {
        let answer = self.try_to_refresh(node);
        answer.unwrap_or_else(|| panic!("{}: node {node} did not answer a refresh", self.name))
    }

    /// Refreshes, if the node answers.
    pub(crate) fn try_to_refresh(&mut self, node: usize) -> Option<Answer> {
        let asked = self.recorded(node, Asked::Refresh(self.token()));
        let answer = self.try_to_ask(node, "POST", "/v1/refresh", "")?;
        Some(self.answered(asked, answer))
    }

    /// Shows the access token.
    #[track_caller]
    pub(crate) fn enter(&mut self, node: usize) -> Answer {
        let answer = self.try_to_enter(node);
        answer.unwrap_or_else(|| panic!("{}: node {node} did not answer", self.name))
    }

    /// Shows the access token, if the node answers. Asks what reads no database: who is let in there, and who is not, a node
    /// knows by the feed alone.
    pub(crate) fn try_to_enter(&mut self, node: usize) -> Option<Answer> {
        let asked = self.recorded(node, Asked::Enter(TokenName::of(self.browser.cookie(SESSION))));
        let answer = self.try_to_ask(node, "GET", "/verify/default", "")?;
        Some(self.answered(asked, answer))
    }

    /// Logs out.
    #[track_caller]
    pub(crate) fn log_out(&mut self, node: usize) -> Answer {
        let answer = self.try_to_log_out(node);
        answer.unwrap_or_else(|| panic!("{}: node {node} did not answer a logout", self.name))
    }

    /// Logs out, if the node answers.
    pub(crate) fn try_to_log_out(&mut self, node: usize) -> Option<Answer> {
        let asked = self.recorded(node, Asked::End(self.token()));
        let answer = self.try_to_ask(node, "POST", "/v1/logout", "")?;
        Some(self.answered(asked, answer))
    }

    /// Ends somebody's session, as an administrator; `token` is any of it.
    #[track_caller]
    pub(crate) fn end_session(&mut self, node: usize, id: &str, token: TokenName) -> Answer {
        let asked = self.recorded(node, Asked::End(token));
        let answer = self.ask(node, "DELETE", &format!("/v1/sessions/{id}"), "");
        self.answered(asked, answer)
    }

    /// Creates a user with everybody's password, as an administrator; gives the id.
    #[track_caller]
    pub(crate) fn create_user(&mut self, node: usize, name: &str, roles: &[&str]) -> String {
        let answer = self.try_to_create_user(node, name, roles);
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.body["id"].as_str().unwrap().to_owned()
    }

    /// Creates a user if the name is free.
    #[track_caller]
    pub(crate) fn try_to_create_user(&mut self, node: usize, name: &str, roles: &[&str]) -> Answer {
        let form = json!({ "username": name, "password": PASSWORD, "roles": roles });
        self.ask(node, "POST", "/v1/admin/users", &form.to_string())
    }

    /// The refresh token, by name.
    pub(crate) fn token(&self) -> TokenName {
        TokenName::of(self.browser.cookie(REFRESH))
    }

    /// The access token.
    pub(crate) fn access_token(&self) -> &str {
        self.browser.cookie(SESSION)
    }

    fn recorded(&self, node: usize, asked: Asked) -> Ongoing<'a> {
        self.stage.recorder.asks(self.name.clone(), format!("node {node}"), asked)
    }

    fn answered(&self, asked: Ongoing<'_>, answer: Answer) -> Answer {
        match (answer.status, answer.sets(REFRESH)) {
            (200, true) => asked.given(self.browser.cookie(SESSION), self.browser.cookie(REFRESH)),
            (200 | 204, false) => asked.done(),
            _ => asked.refused(answer.code()),
        }
        answer
    }
}
