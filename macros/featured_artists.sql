{#-
    Whom a text names after `feat.`, `ft.` or `featuring`, split at `,` `;` `&`, each once; empty
    when it names nobody. The text is an artist's credit or a track's name; in a name that must
    stand in brackets, or `Six Ft Under` would have a guest.

    {{ featured_artists('artist_credit') }}:  'Ayo ft. Bea & Cy'  ->  ['Bea', 'Cy']
-#}
{% macro featured_artists(text, in_brackets=false) -%}
    array_distinct(
        filter(
            transform(
                split(
                    regexp_extract(
                        coalesce({{ text }}, ''),
                        r'(?i)\s[(\[]{{ "" if in_brackets else "?" }}(?:feat\.?|ft\.?|featuring)\s+([^()\[\]]+)',
                        1
                    ),
                    '[,;&]'
                ),
                artist -> trim(artist)
            ),
            artist -> artist != ''
        )
    )
{%- endmacro %}
