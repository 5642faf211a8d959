{#-
    Text in which case tells nothing apart; what keys are made from. Beyond lower case, which Spark
    has, Unicode's case folding takes `ß` for `ss` and the two small sigmas for one.
    (`lower(upper(...))` would do that too, but Spark's optimizer takes the `upper` out.)

    {{ case_folded('artist_name') }}:  'Motörhead', 'MOTÖRHEAD'  ->  'motörhead'
-#}
{% macro case_folded(expression) -%}
    translate(replace(lower({{ expression }}), 'ß', 'ss'), 'ς', 'σ')
{%- endmacro %}
