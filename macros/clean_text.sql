{#-
    Text in Unicode NFC, without outer white space and control characters, inner runs of white
    space as one blank; blank text is null. Case stays. Spark has no function for NFC: ICU, which
    it ships, is asked, and only for text that is not plain ASCII.

    {{ clean_text('record.name') }}:  '  Blue   Monday '  ->  'Blue Monday',  '   '  ->  null
-#}
{% macro clean_text(expression) -%}
    nullif(
        trim(
            regexp_replace(
                if(
                    {{ expression }} rlike r'[^\x00-\x7F]',
                    reflect(
                        'com.ibm.icu.text.Normalizer',
                        'compose',
                        {{ expression }},
                        false
                    ),
                    {{ expression }}
                ),
                r'[\s\p{Z}\p{Cc}\u200B\uFEFF]+',
                ' '
            )
        ),
        ''
    )
{%- endmacro %}
