//! Which whitespace of a template the build removes.

#[path = "../../build/whitespace.rs"]
mod rules;

/// The template as the build writes it, without the comments that keep its line numbers.
fn collapse(template: &str) -> String {
    let mut collapsed = rules::collapse(template);
    assert_eq!(
        collapsed.matches('\n').count(),
        template.matches('\n').count(),
        "line numbers move: {collapsed}"
    );
    while let Some(start) = collapsed.find("{#\n") {
        let end = start + collapsed[start..].find("#}").unwrap() + 2;
        collapsed.replace_range(start..end, "");
    }
    collapsed
}

#[test]
fn line_breaks_beside_block_level_tags_are_removed() {
    assert_eq!(
        collapse("<ul>\n  <li>\n    One <b>two</b>\n  </li>\n</ul>\n"),
        "<ul><li>One <b>two</b></li></ul>"
    );
    assert_eq!(
        collapse("<p>\n  a\n</p>\n<h{{ level }}>\n  b\n</h{{ level }}>"),
        "<p>a</p><h{{ level }}>b</h{{ level }}>"
    );
    assert_eq!(collapse("one<br>\n  two"), "one<br>two");
}

#[test]
fn line_breaks_between_words_and_inline_elements_are_one_space() {
    assert_eq!(
        collapse("<p>\n  <a>one</a>\n  <a>two</a>,\n  three {{ four }}\n  five\n</p>"),
        "<p><a>one</a> <a>two</a>, three {{ four }} five</p>"
    );
}

#[test]
fn whitespace_without_a_line_break_stays() {
    let text = "<p> a  b <b> c</b> </p> <p>{% if a %} d{% endif %} </p>";
    assert_eq!(collapse(text), text);
}

#[test]
fn punctuation_after_an_element_gets_no_space() {
    let text = "<p>See <a href=\"/\">this</a>, and <b>that</b>.</p>";
    assert_eq!(collapse(text), text);
}

#[test]
fn line_breaks_beside_askama_tags_between_inline_elements_stay_a_space() {
    assert_eq!(
        collapse("<b>a</b>\n{% if x %}\n  <b>c</b>\n{% endif %}\n{{ y }}"),
        "<b>a</b> {% if x %} <b>c</b> {% endif %} {{ y }}"
    );
    assert_eq!(
        collapse("<ul>\n  {% for x in y %}\n    <li>{{ x }}</li>\n  {% endfor %}\n</ul>"),
        "<ul>{% for x in y %}<li>{{ x }}</li>{% endfor %}</ul>"
    );
    // Without the block-level element in the branch, words would join.
    assert_eq!(
        collapse("a\n{% if x %}\n  <p>b</p>\n{% endif %}\nc"),
        "a {% if x %}<p>b</p>{% endif %} c"
    );
}

#[test]
fn trim_markers_remove_line_breaks_on_their_side_only() {
    assert_eq!(
        collapse("<b>a</b>\n{%- if x -%}\n  <b>c</b>\n{%- endif %}\n<b>d</b>"),
        "<b>a</b>{%- if x -%}<b>c</b>{%- endif %} <b>d</b>"
    );
    assert_eq!(
        collapse("a\n{{ b -}}\nc\n{{- d }}\ne"),
        "a {{ b -}}c{{- d }} e"
    );
}

#[test]
fn blocks_and_macros_add_no_whitespace_at_their_edges() {
    assert_eq!(
        collapse("{% macro m(a) %}\n  {{ a }}\n{% endmacro %}\n"),
        "{% macro m(a) %}{{ a }}{% endmacro %}"
    );
    assert_eq!(
        collapse("{% block b %}\n  {{ a }}\n{% endblock %}\n"),
        "{% block b %}{{ a }}{% endblock %}"
    );
}

#[test]
fn line_breaks_between_attributes_are_one_space() {
    assert_eq!(
        collapse("<input\n  name=\"a\"\n  {%- if a > 0 %} checked{% endif %}\n  required\n>"),
        "<input name=\"a\"{%- if a > 0 %} checked{% endif %} required>"
    );
    assert_eq!(collapse("<rect\n  x=\"1\"\n/>"), "<rect x=\"1\"/>");
}

#[test]
fn attribute_values_and_askama_tags_stay_as_they_are() {
    let text = "<a title=\"x >\n  y\" {% if a &&\n  b %}lang=\"c\"{% endif %}>{{ d\n  .e() }}</a>{# f\n  g #}";
    assert_eq!(rules::collapse(text), text);
}

#[test]
fn preformatted_text_and_scripts_stay_as_they_are() {
    for text in [
        "<pre>\n  a\n  <b>b</b>\n</pre>",
        "<textarea name=\"a\">\n{{ a }}\n</textarea>",
        "<script>\n  let a = '<p>';\n\n</script>",
        "<style>\n  a { b: c }\n</style>",
    ] {
        assert_eq!(rules::collapse(text), text);
    }
    assert_eq!(
        collapse("<div>\n  <textarea\n    rows=\"2\"\n  >\n a </textarea>\n</div>"),
        "<div><textarea rows=\"2\">\n a </textarea></div>"
    );
}

#[test]
fn unfinished_tags_end_with_the_template() {
    for text in ["<a href=\"b", "{% if a", "<pre>\n a", "a <", "<"] {
        assert_eq!(rules::collapse(text), text);
    }
}
