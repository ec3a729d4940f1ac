//! Rules as documents, and those of the sites.

use domain::criteria::{Access, AddressRange, Criteria, Group, Label, Matching, Os, PrincipalEntry};
use otpost::store::{criteria, sites};

use super::desk::{Engine, desk};

/// Every kind of member, so that none is lost on the way.
pub(super) fn full_criteria() -> Criteria {
    let label = |text| Label::parse(text).expect("a label");
    let entry = |account, sid| PrincipalEntry::parse(account, sid).expect("an entry");
    let range = |from, to| AddressRange::parse(from, Some(to)).expect("a range");
    Criteria {
        access: Access::Deny,
        principals: Group::enabled(
            Matching::IsNotOneOf,
            vec![entry(Some("CORP\\Ünal"), None), entry(Some("ann@corp.example"), Some("S-1-5-21-7"))],
        ),
        gateways: Group::enabled(Matching::IsOneOf, vec!["2001:db8::1".parse().expect("an address")]),
        oses: Group::enabled(Matching::IsOneOf, Os::ALL.to_vec()),
        addresses: Group::enabled(
            Matching::IsOneOf,
            vec![range("10.0.0.0", "10.0.255.255"), range("2001:db8::", "2001:db8::ff")],
        ),
        hardware_ids: Group { is_enabled: false, ..Group::enabled(Matching::IsNotOneOf, vec![label("H1 \"x\"")]) },
        devices: Group::enabled(Matching::IsOneOf, vec![label("Kiosk 1")]),
    }
}

#[test]
fn criteria_that_no_version_writes_are_damage() {
    for document in ["", "{}", "null", r#"{"access":"maybe"}"#] {
        assert_eq!(criteria::from_json(document), None, "{document}");
    }
    let good = criteria::to_json(&full_criteria());
    assert_eq!(criteria::from_json(&good), Some(full_criteria()));
    assert_eq!(criteria::from_json(&good.replace("10.0.255.255", "9.0.0.0")), None, "a range that runs backwards");
    assert_eq!(criteria::from_json(&good.replace("\"access\"", "\"other\":1,\"access\"")), None);
}

async fn sites_have_criteria_of_their_own(engine: Engine) {
    let (desk, place) = desk(engine).await;
    super::providers::add_sites(&place).await;
    assert_eq!(desk.store.find_site_criteria(1).await.expect("readable"), None);
    change!(desk, [criteria::save_site(1, None, &full_criteria())]).expect("saved");
    change!(desk, [criteria::save_site(2, None, &Criteria::default())]).expect("saved");
    let all = [(1, full_criteria()), (2, Criteria::default())];
    assert_eq!(desk.store.list_site_criteria().await.expect("readable"), all);
    change!(desk, [criteria::save_site(1, Some(&full_criteria()), &Criteria::default())]).expect("saved");
    assert_eq!(desk.store.find_site_criteria(1).await.expect("readable"), Some(Criteria::default()));
    refused!(desk, Taken, [sites::delete(2)]);
    change!(desk, [criteria::delete_of_site(2), sites::delete(2)]).expect("gone together");
}

async fn criteria_that_somebody_else_changed_are_not_written_over(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let other = Criteria { access: Access::Deny, ..Criteria::default() };
    refused!(desk, Stale, [criteria::save_site(1, Some(&other), &full_criteria())]);
    change!(desk, [criteria::save_site(1, None, &other)]).expect("saved");
    refused!(desk, Stale, [criteria::save_site(1, None, &full_criteria())]);
    refused!(desk, Stale, [criteria::save_site(1, Some(&Criteria::default()), &full_criteria())]);
    assert_eq!(desk.store.find_site_criteria(1).await.expect("readable"), Some(other));
}

for_each_engine! {
    sites_have_criteria_of_their_own,
    criteria_that_somebody_else_changed_are_not_written_over,
}
