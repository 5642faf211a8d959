{#-
    The genres named in a text, split at `,` `;` `|`, each once and in the spelling of the seed
    `genre_spellings`, whose map `spelling -> name` is passed in; others as they are, capitalised.

    {{ genre_names("'hip hop, Jazz,jazz'", 'spellings') }}  ->  ['Hip Hop', 'Jazz']
-#}
{% macro genre_names(expression, spellings) -%}
    array_distinct(
        transform(
            filter(
                split(coalesce({{ clean_text(expression) }}, ''), '[,;|]'),
                genre -> {{ genre_spelling('genre') }} != ''
            ),
            genre -> coalesce(
                try_element_at({{ spellings }}, {{ genre_spelling('genre') }}),
                initcap(trim(genre))
            )
        )
    )
{%- endmacro %}
