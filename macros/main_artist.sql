{#-
    Whom a credit names before `feat.`, `ft.` or `featuring`; the whole credit when it has none.
    A comma or an ampersand before it stays: it is part of a name more often than not.

    {{ main_artist('artist_credit') }}:  'Ayo feat. Bea & Cy'  ->  'Ayo',  'Earth, Wind & Fire'  ->  itself
-#}
{% macro main_artist(credit) -%}
    regexp_replace(
        {{ credit }}, r'(?i)\s+[(\[]?(feat\.?|ft\.?|featuring)\s.*$', ''
    )
{%- endmacro %}
