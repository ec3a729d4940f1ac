//! What somebody wants of a provider, before it is held to the rules: what is absent stays as it is.
//! The whole is judged, not the change, and all that is wrong with it is said at once.

use super::{
    AttributeName, Content, Description, DisplayName, EnrollmentMode, ExternalStorage, InvalidProvider, Lifetime,
    Prompt, Provider, ProviderName, ShowInformation, Subject, UserEnrollment,
};
use crate::code::CodeLength;
use crate::decide::ExternalAddress;
use crate::time::Timestamp;

/// Wanted settings of a provider. What is absent stays, or has its default in a new provider.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProviderDraft {
    /// Its name, 1 to 255 characters.
    pub name: Option<String>,
    /// A note, 0 to 4,000 characters.
    pub description: Option<String>,
    /// What people are shown, 0 to 200 characters.
    pub display_name: Option<String>,
    /// Whether it asks for codes.
    pub is_enabled: Option<bool>,
    /// Whether the site's criteria are looked at instead of its own.
    pub inherits_criteria: Option<bool>,
    /// Whether people may enroll themselves.
    pub user_enrollment: Option<EnrollmentMode>,
    /// Until when they may.
    pub until: Option<Timestamp>,
    /// What a wrong password tells about who is not enrolled.
    pub show_information: Option<ShowInformation>,
    /// Digits in a code, 4 to 20.
    pub code_length: Option<i64>,
    /// Seconds from issue to expiry, 30 to 240.
    pub lifetime: Option<i64>,
    /// What the person is asked, 0 to 300 characters.
    pub prompt: TextDraft,
    /// Mail subject, 1 to 300 characters.
    pub subject: TextDraft,
    /// Mail text, 1 to 2,048 characters.
    pub content: TextDraft,
    /// Whether people may enroll another address than the one in the directory.
    pub external_address: Option<ExternalAddress>,
    /// Where such an address is kept.
    pub external_storage: Option<ExternalStorage>,
    /// The attribute for it, 1 to 200 characters, one of a list.
    pub custom_attribute: Option<String>,
}

/// A text that may also be put back to its default; one or the other.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TextDraft {
    /// The new text.
    pub text: Option<String>,
    /// Whether the default is wanted back.
    pub is_standard: bool,
}

/// One thing that is wrong with a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub setting: Setting,
    /// What, with the limit.
    pub reason: InvalidProvider,
}

/// A setting that can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the field of the draft that has its name")]
pub enum Setting {
    CodeLength,
    Content,
    CustomAttribute,
    Description,
    DisplayName,
    ExternalStorage,
    Lifetime,
    Name,
    Prompt,
    Subject,
    Until,
    UserEnrollment,
}

/// What is wrong so far.
#[derive(Default)]
struct Faults(Vec<Fault>);

impl ProviderDraft {
    /// A new provider of a site, switched off unless asked otherwise, for people who have proven
    /// their password; its number is still to be assigned. `now` tells an end of enrollment that has passed.
    pub fn create(self, site_id: i64, now: Timestamp) -> Result<Provider, Vec<Fault>> {
        let mut faults = Faults::default();
        faults.need(Setting::Name, "name", self.name.as_ref());
        faults.need(Setting::DisplayName, "display name", self.display_name.as_ref());
        if self.until.is_some_and(|until| until <= now) {
            faults.add(Setting::Until, InvalidProvider::UntilPassed);
        }
        self.merge(Provider::blank(site_id), faults)
    }

    /// What becomes of a provider. An end of enrollment that has passed is taken: enrollment is closed.
    pub fn update(self, stored: Provider) -> Result<Provider, Vec<Fault>> {
        self.merge(stored, Faults::default())
    }

    fn merge(self, mut provider: Provider, mut faults: Faults) -> Result<Provider, Vec<Fault>> {
        let Self { name, description, display_name, code_length, lifetime, custom_attribute, .. } = &self;
        let given = &mut faults;
        given.put(Setting::Name, &mut provider.name, name.as_deref().map(ProviderName::parse));
        given.put(Setting::Description, &mut provider.description, description.as_deref().map(Description::parse));
        given.put(Setting::DisplayName, &mut provider.display_name, display_name.as_deref().map(DisplayName::parse));
        given.put(Setting::CodeLength, &mut provider.code_length, code_length.map(CodeLength::from_digits));
        given.put(Setting::Lifetime, &mut provider.lifetime, lifetime.map(Lifetime::from_seconds));
        let attribute = custom_attribute.as_deref().map(|name| AttributeName::parse(name).map(Some));
        given.put(Setting::CustomAttribute, &mut provider.custom_attribute, attribute);
        self.merge_texts(&mut provider, given);
        self.merge_enrollment(&mut provider, given);
        provider.is_enabled = self.is_enabled.unwrap_or(provider.is_enabled);
        provider.inherits_criteria = self.inherits_criteria.unwrap_or(provider.inherits_criteria);
        provider.show_information = self.show_information.unwrap_or(provider.show_information);
        provider.external_address = self.external_address.unwrap_or(provider.external_address);
        provider.external_storage = self.external_storage.unwrap_or(provider.external_storage);
        faults.finish(provider)
    }

    fn merge_texts(&self, provider: &mut Provider, faults: &mut Faults) {
        faults.put(Setting::Prompt, &mut provider.prompt, self.prompt.read(Prompt::parse, Prompt::standard));
        faults.put(Setting::Subject, &mut provider.subject, self.subject.read(Subject::parse, Subject::standard));
        faults.put(Setting::Content, &mut provider.content, self.content.read(Content::parse, Content::standard));
    }

    fn merge_enrollment(&self, provider: &mut Provider, faults: &mut Faults) {
        let mode = self.user_enrollment.unwrap_or(provider.user_enrollment.mode());
        let until = self.until.or(provider.until());
        let Some(enrollment) = UserEnrollment::new(mode, until) else {
            faults.add(Setting::UserEnrollment, InvalidProvider::UntilMissing);
            return faults.add(Setting::Until, InvalidProvider::UntilMissing);
        };
        provider.user_enrollment = enrollment;
        provider.kept_until = until.filter(|_| mode != EnrollmentMode::AllowUntil);
    }
}

impl TextDraft {
    fn read<V>(
        &self,
        parse: impl FnOnce(&str) -> Result<V, InvalidProvider>,
        standard: impl FnOnce() -> V,
    ) -> Option<Result<V, InvalidProvider>> {
        match (&self.text, self.is_standard) {
            (Some(_), true) => Some(Err(InvalidProvider::TwoTexts)),
            (None, true) => Some(Ok(standard())),
            (text, false) => text.as_deref().map(parse),
        }
    }
}

impl Faults {
    fn add(&mut self, setting: Setting, reason: InvalidProvider) {
        self.0.push(Fault { setting, reason });
    }

    fn need(&mut self, setting: Setting, what: &'static str, given: Option<&String>) {
        if given.is_none() {
            self.add(setting, InvalidProvider::Missing(what));
        }
    }

    fn put<V>(&mut self, setting: Setting, place: &mut V, given: Option<Result<V, InvalidProvider>>) {
        match given {
            Some(Ok(value)) => *place = value,
            Some(Err(reason)) => self.add(setting, reason),
            None => {}
        }
    }

    /// Judges the whole. Texts that are wrong by themselves are not blamed for the missing code too.
    fn finish(mut self, provider: Provider) -> Result<Provider, Vec<Fault>> {
        let blames =
            |faults: &Self, settings: &[Setting]| faults.0.iter().any(|fault| settings.contains(&fault.setting));
        if !provider.carries_code() && !blames(&self, &[Setting::Subject, Setting::Content]) {
            self.add(Setting::Content, InvalidProvider::NoCode);
        }
        if !provider.has_storage() && !blames(&self, &[Setting::CustomAttribute]) {
            self.add(Setting::ExternalStorage, InvalidProvider::AttributeMissing);
            self.add(Setting::CustomAttribute, InvalidProvider::AttributeMissing);
        }
        if self.0.is_empty() { Ok(provider) } else { Err(self.0) }
    }
}

#[cfg(test)]
#[path = "draft/tests.rs"]
mod tests;
