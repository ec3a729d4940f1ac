//! What people are told when their codes go to another address: statements that belong to the change itself.

use domain::address::MailAddress;
use domain::random::NoRandomness;

use crate::app::App;
use crate::store::accounts::Account;
use crate::store::enrollments::StoredEnrollment;
use crate::store::notices::{self, Arrival};
use crate::store::sql::Statement;

/// What follows a change after which codes of this enrollment go to another address; nothing where they
/// go nowhere.
pub(in crate::manage) fn told(
    app: &App,
    account: &Account,
    stored: &StoredEnrollment,
) -> Result<Vec<Statement>, NoRandomness> {
    let enrollment = &stored.enrollment;
    let listed = MailAddress::parse(&account.email).ok().filter(|_| enrollment.is_address_dynamic);
    let Some(address) = listed.as_ref().or(enrollment.address.as_ref()) else {
        return Ok(Vec::new());
    };
    let at = app.now();
    Ok(Vec::from(notices::tell(&Arrival {
        id: notices::new_id(at, &*app.random)?,
        user_id: &account.id,
        user_name: &account.name,
        address,
        provider_id: enrollment.provider_id,
        at,
    })))
}
