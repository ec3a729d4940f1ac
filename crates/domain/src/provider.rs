//! The settings of one e-mail code method. A value that exists is valid.

mod draft;
mod first_factor;
mod invalid;
mod lifetime;
mod storage;
mod texts;
mod unenrolled;

use crate::code::CodeLength;
use crate::criteria::{Criteria, Explanation, Facts};
use crate::decide::ExternalAddress;
use crate::text;
use crate::time::Timestamp;

pub use draft::{Fault, ProviderDraft, Setting, TextDraft};
pub use first_factor::FirstFactor;
pub use invalid::InvalidProvider;
pub use lifetime::Lifetime;
pub use storage::{AttributeName, ExternalStorage};
pub use texts::{Content, Description, DisplayName, Prompt, ProviderName, Subject};
pub use unenrolled::{EnrollmentMode, ShowInformation, UserEnrollment};

/// Settings of one e-mail code method: what is mailed, how long it lives, how it is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// Stable number of the provider.
    pub id: i64,
    /// The site it belongs to.
    pub site_id: i64,
    /// Its name, unique in its site without regard to letter case, 1 to 255 characters.
    pub name: ProviderName,
    /// What administrators noted, 0 to 4,000 characters.
    pub description: Description,
    /// What people are shown instead of the name, 0 to 200 characters; empty for the name itself.
    pub display_name: DisplayName,
    /// Whether it asks for codes at all; switched off, a right first factor is enough.
    pub is_enabled: bool,
    /// Digits in a code, 4 to 20.
    pub code_length: CodeLength,
    /// From issue to expiry, 30 to 240 s; a code is refused at the expiry instant itself.
    pub lifetime: Lifetime,
    /// Mail subject, 1 to 300 characters, placeholders allowed.
    pub subject: Subject,
    /// Mail text, 1 to 2,048 characters, placeholders allowed.
    pub content: Content,
    /// What the person is asked, 0 to 300 characters.
    pub prompt: Prompt,
    /// Whether every first step opens a challenge of its own, answerable in any order.
    pub concurrent_challenges: bool,
    /// What proves the first factor.
    pub first_factor: FirstFactor,
    /// Whether people may enroll themselves.
    pub user_enrollment: UserEnrollment,
    /// An end of enrollment that was set earlier. It counts again once enrollment is allowed until then.
    pub kept_until: Option<Timestamp>,
    /// What a wrong password tells about who is not enrolled.
    pub show_information: ShowInformation,
    /// Whether people may enroll another address than the one in the directory.
    pub external_address: ExternalAddress,
    /// Where such an address is kept.
    pub external_storage: ExternalStorage,
    /// The attribute of the directory that keeps it, where the storage is a custom one.
    pub custom_attribute: Option<AttributeName>,
    /// Whether the site's criteria are looked at instead of its own.
    pub inherits_criteria: bool,
    /// Its own criteria, kept also while they are not looked at.
    pub criteria: Criteria,
}

impl Provider {
    /// The number of the provider that every installation has.
    pub const STANDARD: i64 = 1;

    /// The provider of a new installation: 6 digits, 120 s, our own texts. Everybody is asked, and
    /// nobody enrolls themselves until an administrator lets them.
    pub fn standard() -> Self {
        Self {
            id: Self::STANDARD,
            site_id: 1,
            name: ProviderName::standard(),
            description: Description::default(),
            display_name: DisplayName::default(),
            is_enabled: true,
            code_length: CodeLength::STANDARD,
            lifetime: Lifetime::STANDARD,
            subject: Subject::standard(),
            content: Content::standard(),
            prompt: Prompt::standard(),
            concurrent_challenges: false,
            first_factor: FirstFactor::default(),
            user_enrollment: UserEnrollment::default(),
            kept_until: None,
            show_information: ShowInformation::default(),
            external_address: ExternalAddress::default(),
            external_storage: ExternalStorage::default(),
            custom_attribute: None,
            inherits_criteria: true,
            criteria: Criteria::default(),
        }
    }

    /// What a new provider of a site begins with: switched off, behind the user's password, open to
    /// enrollment once it is switched on.
    pub fn blank(site_id: i64) -> Self {
        Self {
            id: 0,
            site_id,
            is_enabled: false,
            first_factor: FirstFactor::UserStore,
            user_enrollment: UserEnrollment::Allow,
            ..Self::standard()
        }
    }

    /// What people are shown.
    pub fn shown_name(&self) -> &str {
        if self.display_name.as_str().is_empty() { self.name.as_str() } else { self.display_name.as_str() }
    }

    /// The end of enrollment, whether it counts now or is only kept.
    pub fn until(&self) -> Option<Timestamp> {
        match self.user_enrollment {
            UserEnrollment::AllowUntil(until) => Some(until),
            UserEnrollment::Allow | UserEnrollment::DoNotAllow => self.kept_until,
        }
    }

    /// Whether those facts call for a code, and why. `site` holds the criteria of the site.
    pub fn explain(&self, site: &Criteria, facts: &Facts) -> Explanation {
        match () {
            () if !self.is_enabled => Explanation::ProviderOff,
            () if self.inherits_criteria => site.explain(facts),
            () => self.criteria.explain(facts),
        }
    }

    /// Checks what no single setting can: that a mail would carry the code, that an address would
    /// have its place.
    pub fn checked(self) -> Result<Self, InvalidProvider> {
        match () {
            () if !self.carries_code() => Err(InvalidProvider::NoCode),
            () if !self.has_storage() => Err(InvalidProvider::AttributeMissing),
            () => Ok(self),
        }
    }

    fn carries_code(&self) -> bool {
        [self.content.as_str(), self.subject.as_str()].into_iter().any(|text| text.contains(text::OTP))
    }

    fn has_storage(&self) -> bool {
        self.external_storage != ExternalStorage::CustomAttribute || self.custom_attribute.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_criteria_count_only_where_they_are_not_inherited() {
        use crate::criteria::{Access, Group, Matching, Os};
        let oses = Group::enabled(Matching::IsOneOf, vec![Os::Mac]);
        let except_macs = Criteria { access: Access::Deny, oses, ..Criteria::default() };
        let facts = Facts { os: Some(Os::Mac), ..Facts::default() };
        let provider = Provider { criteria: except_macs.clone(), ..Provider::standard() };
        let inert = Criteria::default();
        assert!(provider.explain(&inert, &facts).is_required());
        assert!(!provider.explain(&except_macs, &facts).is_required());
        let own = Provider { inherits_criteria: false, ..provider };
        assert!(!own.explain(&inert, &facts).is_required());
        assert!(!Provider { is_enabled: false, ..Provider::standard() }.explain(&inert, &facts).is_required());
    }

    #[test]
    fn a_provider_that_never_mails_the_code_is_refused() {
        let mute = Provider { content: Content::parse("hello").expect("a text"), ..Provider::standard() };
        assert_eq!(mute.checked(), Err(InvalidProvider::NoCode));
        assert!(Provider::standard().checked().is_ok());
    }
}
