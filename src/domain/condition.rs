//! Conditions as data: which answers make an item visible, a limit apply, a level rise.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::answer::{PartValue, Sheet};
use super::reading::Reading;

/// A question about the answers of one sheet, with a total answer: what is not there is simply not so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Every one holds; true for none.
    All(Vec<Condition>),
    /// At least one holds; false for none.
    Any(Vec<Condition>),
    /// It does not hold.
    Not(Box<Condition>),
    /// One part of one answer, compared.
    Is(Test),
}

/// `part op value`, of this item unless another is named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Test {
    /// Code of another item of the same checklist.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    /// Key of the part.
    pub part: String,
    /// How it is compared.
    pub op: Op,
    /// With what: a choice code, a decimal, `yes` or `no`; empty for `answered` and `not_measured`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub value: String,
}

/// The comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// Equal, numbers by value.
    Eq,
    /// Less.
    Lt,
    /// Less or equal.
    Le,
    /// Greater.
    Gt,
    /// Greater or equal.
    Ge,
    /// The choice is among those chosen.
    Has,
    /// There is a value.
    Answered,
    /// The reading was not taken.
    NotMeasured,
}

impl Condition {
    /// Whether it holds for this sheet, seen from the item `here`. Never fails, whatever is missing.
    pub fn holds(&self, sheet: &Sheet, here: &str) -> bool {
        match self {
            Self::All(conditions) => conditions.iter().all(|c| c.holds(sheet, here)),
            Self::Any(conditions) => conditions.iter().any(|c| c.holds(sheet, here)),
            Self::Not(condition) => !condition.holds(sheet, here),
            Self::Is(test) => {
                let item = test.item.as_deref().unwrap_or(here);
                sheet.value(item, &test.part).is_some_and(|value| test.holds(value))
            }
        }
    }

    /// Every test inside, for the validator.
    pub fn tests(&self) -> Vec<&Test> {
        match self {
            Self::All(conditions) | Self::Any(conditions) => {
                conditions.iter().flat_map(Self::tests).collect()
            }
            Self::Not(condition) => condition.tests(),
            Self::Is(test) => vec![test],
        }
    }
}

impl Test {
    fn holds(&self, value: &PartValue) -> bool {
        match (self.op, value) {
            (Op::NotMeasured, _) => matches!(value, PartValue::NotMeasured { .. }),
            (Op::Answered, _) => true,
            (Op::Eq, PartValue::YesNo { yes }) => self.value == if *yes { "yes" } else { "no" },
            (Op::Eq, PartValue::One { choice }) => *choice == self.value,
            (Op::Has, PartValue::Many { choices }) => choices.contains(&self.value),
            (op, PartValue::Number { reading, .. }) => {
                self.value.parse::<Reading>().is_ok_and(|limit| op.accepts(reading.compare(&limit)))
            }
            _ => false,
        }
    }
}

impl Op {
    fn accepts(self, order: Ordering) -> bool {
        match self {
            Self::Eq => order.is_eq(),
            Self::Lt => order.is_lt(),
            Self::Le => order.is_le(),
            Self::Gt => order.is_gt(),
            Self::Ge => order.is_ge(),
            Self::Has | Self::Answered | Self::NotMeasured => false,
        }
    }
}
