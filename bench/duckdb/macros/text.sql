{#- Medley's macros of the same names, in DuckDB's SQL. -#}
{% macro clean_text(expression) -%}
    nullif(trim(regexp_replace(nfc_normalize({{ expression }}), '[\s\p{Z}\p{Cc}\x{200B}\x{FEFF}]+', ' ', 'g')), '')
{%- endmacro %}

{% macro case_folded(expression) -%}
    translate(replace(lower({{ expression }}), 'ß', 'ss'), 'ς', 'σ')
{%- endmacro %}

{% macro genre_spelling(expression) -%}
    regexp_replace({{ case_folded(expression) }}, '[^\p{L}\p{N}]', '', 'g')
{%- endmacro %}

{% macro capitalised(expression) -%}
    array_to_string(list_transform(string_split(lower({{ expression }}), ' '), lambda word: upper(word[1]) || word[2:]), ' ')
{%- endmacro %}

{% macro genre_names(expression, spellings) -%}
    list_distinct(
        list_transform(
            list_filter(
                string_split_regex(coalesce({{ clean_text(expression) }}, ''), '[,;|]'),
                lambda genre: {{ genre_spelling('genre') }} != ''
            ),
            lambda genre: coalesce({{ spellings }}[{{ genre_spelling('genre') }}], {{ capitalised('trim(genre)') }})
        )
    )
{%- endmacro %}

{% macro main_artist(credit) -%}
    regexp_replace({{ credit }}, '(?i)\s+[(\[]?(feat\.?|ft\.?|featuring)\s.*$', '')
{%- endmacro %}

{% macro featured_artists(text, in_brackets=false) -%}
    list_distinct(
        list_filter(
            list_transform(
                string_split_regex(
                    regexp_extract(
                        coalesce({{ text }}, ''),
                        '(?i)\s[(\[]{{ "" if in_brackets else "?" }}(?:feat\.?|ft\.?|featuring)\s+([^()\[\]]+)',
                        1
                    ),
                    '[,;&]'
                ),
                lambda artist: trim(artist)
            ),
            lambda artist: artist != ''
        )
    )
{%- endmacro %}

{% macro duration_seconds(expression) -%}
    {%- set text = 'trim(' ~ expression ~ ')' -%}
    {%- set parts = "string_split(" ~ text ~ ", ':')" -%}
    {%- set seconds -%}
        case
            when regexp_matches({{ text }}, '^[0-9]{1,3}:[0-5][0-9]$')
                then try_cast({{ parts }}[1] as int) * 60 + try_cast({{ parts }}[2] as int)
            when regexp_matches({{ text }}, '^[0-9]{1,2}:[0-5][0-9]:[0-5][0-9]$')
                then
                    try_cast({{ parts }}[1] as int) * 3600
                    + try_cast({{ parts }}[2] as int) * 60
                    + try_cast({{ parts }}[3] as int)
            when regexp_matches({{ text }}, '^[0-9]{1,5}(\.[0-9]+)?$')
                then try_cast(string_split({{ text }}, '.')[1] as int)
        end
    {%- endset -%}
    case when {{ seconds }} between 1 and {{ var('longest_track_seconds') }} then {{ seconds }} end
{%- endmacro %}
