//! The invitation of the first administrator.

use domain::enrollment::PinHash;
use domain::name::UserName;
use otpost::store::admins::{self, Admin};
use otpost::store::invitations::{self, Invitation};
use otpost::store::{Statement, StoreError};

use super::desk::{Engine, T0, at_once, desk, seconds};

fn invitation(token: u8) -> Invitation {
    Invitation { token_hash: [token; 32], expires_at: T0 + seconds(900) }
}

fn accepted(token: u8, name: &str) -> Vec<Statement> {
    let name = UserName::parse(name).expect("a name");
    let mut statements = Vec::from(invitations::nobody_may_be_there());
    statements.push(invitations::accept(&invitation(token)));
    statements.extend(admins::insert(&Admin::root(name, PinHash::from_stored("one".to_owned()), "invitation", T0)));
    statements
}

async fn an_invitation_makes_one_administrator_however_many_accept_it(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    assert_eq!(desk.store.find_invitation().await.expect("readable"), None);
    change!(desk, [invitations::save(&invitation(1))]).expect("invited");
    assert_eq!(desk.store.find_invitation().await.expect("readable"), Some(invitation(1)));
    let tries = (0..8).map(|number| {
        let (store, event) = (desk.store.clone(), desk.event(T0));
        let statements = accepted(1, &format!("admin{number}"));
        async move { store.change(otpost::store::command::Change { statements, event }).await }
    });
    let outcomes = at_once(tries).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Ok(()) | Err(StoreError::NotFound))), "{outcomes:?}");
    assert_eq!(desk.store.list_admins().await.expect("readable").len(), 1);
    assert_eq!(desk.store.find_invitation().await.expect("readable"), None);
}

async fn a_later_invitation_ends_an_earlier_one(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    change!(desk, [invitations::save(&invitation(1))]).expect("invited");
    change!(desk, [invitations::save(&invitation(2))]).expect("invited");
    refused!(desk, NotFound, accepted(1, "early"));
    change!(desk, accepted(2, "late")).expect("accepted");
    change!(desk, [invitations::save(&invitation(3))]).expect("saved");
    refused!(desk, NotFound, accepted(3, "second"));
    assert_eq!(desk.store.list_admins().await.expect("readable").len(), 1, "nobody is invited beside another");
}

for_each_engine! {
    an_invitation_makes_one_administrator_however_many_accept_it,
    a_later_invitation_ends_an_earlier_one,
}
