//! The audit log.

use doorward::pages::{
    Field,
    moment::Moment,
    views::admin::{AuditFields, AuditLinks, AuditPage, EventFacts, EventRow, Person, Section},
};

use super::{Gallery, NOW_MS};

impl Gallery<'_> {
    pub(super) fn audit(&mut self) {
        let page = AuditPage {
            frame: self.administrator(),
            section: Section::Audit,
            filter: AuditFields::default(),
            events: self.events(),
            links: Some(links(Some("/auth/admin/audit?cursor=older"), None)),
            follows: false,
        };
        self.show("admin-audit", true, &page);
        let filtered = AuditPage {
            filter: self.filter(false),
            links: Some(links(None, Some("/auth/admin/audit?user=alex.morgan"))),
            ..page.clone()
        };
        self.show("admin-audit-filtered", true, &filtered);
        let nothing = AuditPage { events: Vec::new(), links: Some(links(None, None)), ..filtered.clone() };
        self.show("admin-audit-nothing", true, &nothing);
        let wrong = AuditPage { filter: self.filter(true), events: Vec::new(), links: None, ..page.clone() };
        self.show("admin-audit-wrong", true, &wrong);
        self.show("admin-audit-followed", true, &AuditPage { follows: true, ..page });
    }

    fn filter(&self, wrong: bool) -> AuditFields {
        let field = |value: &str| if wrong { self.wrong(value) } else { Field::of(value) };
        AuditFields {
            user: field(self.words.username),
            event: "login.refused".to_owned(),
            address: field(self.words.address),
            from: field("2025-11-20T08:00"),
            until: field("2025-11-21T09:30"),
        }
    }

    fn events(&self) -> Vec<EventRow> {
        let user = |name: Option<&str>| Person::User {
            id: "0123456789abcdef0123456789abcdef".to_owned(),
            name: name.map(str::to_owned),
        };
        let here = Some(user(Some(self.words.username)));
        let event = |seq: u32, name: &str, actor| EventFacts {
            seq: seq.into(),
            at: Moment::new(NOW_MS - 61_000 * i64::from(400 - seq), NOW_MS),
            name: name.to_owned(),
            refused: false,
            actor,
            subject: here.clone(),
            address: Some(self.words.address.to_owned()),
            user_agent: self.words.user_agent.to_owned(),
            reason: None,
            details: Vec::new(),
        };
        let refused = |seq, name, reason: &str| EventFacts {
            refused: true,
            reason: Some(reason.to_owned()),
            ..event(seq, name, Person::Anonymous)
        };
        let details = vec![("cause".to_owned(), self.words.token.to_owned())];
        let quiet = |facts| EventFacts { address: None, user_agent: String::new(), ..facts };
        let facts = [
            event(399, "login.succeeded", user(Some(self.words.username))),
            refused(398, "login.refused", "invalid_credentials"),
            EventFacts { details, ..refused(397, "session.refresh_reused", "refresh_token_reused") },
            quiet(event(396, "user.created", Person::CommandLine)),
            quiet(EventFacts { subject: None, ..event(395, "key.created", Person::System) }),
            EventFacts { subject: Some(user(None)), ..event(394, "user.deleted", user(None)) },
            event(393, self.words.token, Person::Unknown(self.words.host.to_owned())),
        ];
        facts.iter().map(|facts| EventRow::new(self.words.language, "/auth", facts)).collect()
    }
}

fn links(older: Option<&str>, newest: Option<&str>) -> AuditLinks {
    AuditLinks {
        older: older.map(str::to_owned),
        newest: newest.map(str::to_owned),
        follow: "/auth/admin/audit?follow=1".to_owned(),
        stay: "/auth/admin/audit".to_owned(),
        stream: "/auth/admin/audit/stream?last_event_id=399".to_owned(),
        csv: "/auth/v1/admin/audit/export?format=csv".to_owned(),
        json: "/auth/v1/admin/audit/export?format=json".to_owned(),
    }
}
