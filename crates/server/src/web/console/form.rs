//! A form as fields: what stands in each, and what is wrong with it. Knows nothing of what is set.

use super::posted::Posted;

/// Fields that belong together.
pub(super) struct Section {
    /// Its heading.
    pub(super) title: &'static str,
    /// Its fields in order.
    pub(super) fields: Vec<Field>,
}

/// One field.
pub(super) struct Field {
    /// What it is called in what the browser sends.
    pub(super) name: &'static str,
    /// What people read.
    pub(super) label: &'static str,
    /// What may stand in it; empty where that is plain.
    pub(super) hint: String,
    /// How it is filled in.
    pub(super) kind: Kind,
    /// What stands in it.
    pub(super) value: String,
    /// What is wrong with that.
    pub(super) faults: Vec<String>,
}

/// How a field is filled in.
pub(super) enum Kind {
    /// One of these: what is sent, and what people read.
    Choice(Vec<(String, String)>),
    /// One line.
    Line,
    /// Date and time.
    Moment,
    /// A whole number.
    Number,
    /// What nobody shall read: never filled in by us.
    Password,
    /// Several lines.
    Text,
    /// Yes or no.
    Tick,
}

impl Field {
    pub(super) fn new(name: &'static str, label: &'static str, kind: Kind, value: impl Into<String>) -> Self {
        Self { name, label, kind, value: value.into(), hint: String::new(), faults: Vec::new() }
    }

    /// A yes or no.
    pub(super) fn tick(name: &'static str, label: &'static str, is_ticked: bool) -> Self {
        Self::new(name, label, Kind::Tick, if is_ticked { TICKED } else { "" })
    }

    /// The same with a word on what may stand in it.
    pub(super) fn hinting(self, hint: impl Into<String>) -> Self {
        Self { hint: hint.into(), ..self }
    }

    /// Whether it says yes.
    pub(super) fn is_ticked(&self) -> bool {
        self.value == TICKED
    }

    /// Whether it is a yes or no.
    pub(super) fn is_tick(&self) -> bool {
        matches!(self.kind, Kind::Tick)
    }

    /// What a browser is told of a field of one line.
    pub(super) fn input_type(&self) -> &'static str {
        match self.kind {
            Kind::Moment => " type=\"datetime-local\" step=\"1\"",
            Kind::Number => " inputmode=\"numeric\"",
            Kind::Password => " type=\"password\"",
            _ => " spellcheck=\"false\"",
        }
    }

    /// What describes it: nothing, the hint, what is wrong, or both.
    pub(super) fn described_by(&self) -> String {
        let parts = [(!self.hint.is_empty(), "hint"), (!self.faults.is_empty(), "fault")];
        let ids = parts.into_iter().filter(|(is_there, _)| *is_there);
        ids.map(|(_, part)| format!("{}-{part}", self.name)).collect::<Vec<_>>().join(" ")
    }
}

/// Puts into the fields what was sent, except for passwords.
pub(super) fn refill(sections: &mut [Section], posted: &Posted) {
    let fields = sections.iter_mut().flat_map(|section| &mut section.fields);
    for field in fields.filter(|field| !matches!(field.kind, Kind::Password)) {
        field.value = posted.text(field.name).to_owned();
    }
}

/// Whether there is a field of that name.
pub(super) fn has(sections: &[Section], name: &str) -> bool {
    sections.iter().flat_map(|section| &section.fields).any(|field| field.name == name)
}

/// Says what is wrong with a field.
pub(super) fn blame(sections: &mut [Section], name: &str, reason: impl Into<String>) {
    let mut fields = sections.iter_mut().flat_map(|section| &mut section.fields);
    if let Some(field) = fields.find(|field| field.name == name) {
        field.faults.push(reason.into());
    }
}

/// Whether something is wrong with a field.
pub(super) fn is_faulty(sections: &[Section]) -> bool {
    sections.iter().flat_map(|section| &section.fields).any(|field| !field.faults.is_empty())
}

/// What a form that was not taken says above its fields: a reason about the whole, or where to look.
pub(super) fn refusal(sections: &[Section], reason: Option<String>) -> String {
    let faulty = sections.iter().flat_map(|section| &section.fields).filter(|field| !field.faults.is_empty());
    let named = faulty.map(|field| field.label).collect::<Vec<_>>().join(", ");
    reason.unwrap_or_else(|| format!("Nothing was changed. It says below what is not right with: {named}."))
}

/// Options as pairs of texts.
pub(super) fn choices<const N: usize>(options: [(&str, &str); N]) -> Kind {
    Kind::Choice(options.map(|(value, label)| (value.to_owned(), label.to_owned())).to_vec())
}

/// A field of several lines: browsers end them in their own way.
pub(super) fn lines(posted: &Posted, name: &str) -> String {
    posted.text(name).replace("\r\n", "\n")
}

/// Whether a yes was sent.
pub(super) fn is_ticked(posted: &Posted, name: &str) -> bool {
    posted.text(name) == TICKED
}

/// What a browser sends for a yes; for a no it sends nothing.
const TICKED: &str = "on";
