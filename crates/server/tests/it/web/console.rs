//! The console through the real router, as a browser without JavaScript.

mod acts;
mod doors;
mod invitation;
mod provided;
mod shown;

use axum::body::Body;
use axum::http::Request;

use super::{Visitor, location};
use crate::app::{ADMIN_PASSWORD, Reply, TestApp, form_request};

const COOKIE: &str = "otpost-console";

impl Visitor<'_> {
    /// Signs in to the console as a browser would, and lands on its first page.
    async fn administer(&mut self) -> Reply {
        self.get("/console/signin").await;
        let fields = [("name", "admin"), ("password", ADMIN_PASSWORD)];
        let reply = self.post("/console/signin", &fields).await;
        assert_eq!((reply.status.as_u16(), location(&reply.headers)), (303, "/console".to_owned()));
        self.get("/console").await
    }

    /// Sends a form of a page with what stands in it.
    async fn act(&mut self, page: &str, action: &str, fields: &[(&str, &str)]) -> Reply {
        let proof = proof(&self.get(page).await.text());
        self.post(action, &[fields, &[("proof", &proof)]].concat()).await
    }

    fn session(&self) -> Option<&str> {
        self.cookies.iter().find(|(name, _)| name == COOKIE).map(|(_, value)| value.as_str())
    }
}

/// What the forms of a page bring back.
fn proof(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"proof\" value=\"").expect("a form of a session");
    rest.split('"').next().unwrap().to_owned()
}

/// Whether the trail says that the administrator did this.
async fn is_on_record(test: &TestApp, action: &str, outcome: &str) -> bool {
    let lines = test.app.store.list_audit(None, 1_000).await.unwrap();
    lines.iter().any(|line| (&*line.actor, &*line.action, &*line.outcome) == ("admin", action, outcome))
}

fn get(path: &str) -> Request<Body> {
    Request::get(path).header("host", "localhost").body(Body::empty()).unwrap()
}
